import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Param,
  Patch,
  Post,
  Put,
  Query,
  Res,
} from '@nestjs/common';
import { ApiBearerAuth, ApiConsumes, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { CurrentPrincipal } from '../../../auth/current-principal.decorator.js';
import type { Principal } from '../../../auth/principal.js';
import { RequireScope } from '../../../auth/require-scope.decorator.js';
import { etagOf } from '../../../common/etag.js';
import { EntityIdPipe } from '../../../common/http/entity-id.js';
import { mapPage, type Page } from '../../../common/paging.js';
import type { Subscription } from '../domain/subscription.js';
import { FieldImmutable } from '../domain/subscription.errors.js';
import { CreateSubscription } from '../use-cases/create-subscription.js';
import { DeleteSubscription } from '../use-cases/delete-subscription.js';
import { GetSubscription } from '../use-cases/get-subscription.js';
import { ListSubscriptions } from '../use-cases/list-subscriptions.js';
import { PatchSubscription } from '../use-cases/patch-subscription.js';
import { PutSubscription } from '../use-cases/put-subscription.js';
import {
  CreateSubscriptionBody,
  PatchSubscriptionBody,
  PutSubscriptionBody,
  SubscriptionListQuery,
} from './subscription.bodies.js';
import { SubscriptionPageView, SubscriptionView } from './subscription.view.js';
import { SubscriptionViews } from './subscription-views.js';

function requireSameId(named: string | undefined, id: string): void {
  if (named !== undefined && named !== id) throw new FieldImmutable('id');
}

/** Definitions of subscriptions over REST. */
@ApiTags('subscriptions')
@ApiBearerAuth('key')
@Controller('subscriptions')
export class SubscriptionsController {
  constructor(
    private readonly createSubscription: CreateSubscription,
    private readonly getSubscription: GetSubscription,
    private readonly listSubscriptions: ListSubscriptions,
    private readonly putSubscription: PutSubscription,
    private readonly patchSubscription: PatchSubscription,
    private readonly deleteSubscription: DeleteSubscription,
    private readonly views: SubscriptionViews,
  ) {}

  @Post()
  @RequireScope('manage')
  @ApiResponse({ status: 201, type: SubscriptionView })
  async create(
    @CurrentPrincipal() principal: Principal,
    @Body() body: CreateSubscriptionBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SubscriptionView> {
    const input = { ...body, filter: body.filter ?? null, webhook: body.webhook ?? null };
    return this.show(reply, await this.createSubscription.execute(principal, body.id, input));
  }

  @Get()
  @RequireScope('manage')
  @ApiResponse({ status: 200, type: SubscriptionPageView })
  async list(
    @CurrentPrincipal() principal: Principal,
    @Query() query: SubscriptionListQuery,
  ): Promise<Page<SubscriptionView>> {
    const page = await this.listSubscriptions.execute(principal, query);
    return mapPage(page, (subscription) => this.views.show(subscription));
  }

  @Get(':id')
  @RequireScope('manage')
  @ApiResponse({ status: 200, type: SubscriptionView })
  async get(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SubscriptionView> {
    return this.show(reply, await this.getSubscription.execute(principal, id));
  }

  @Put(':id')
  @RequireScope('manage')
  @ApiResponse({ status: 201, type: SubscriptionView, description: 'It was created.' })
  @ApiResponse({ status: 200, type: SubscriptionView })
  async put(
    @CurrentPrincipal() principal: Principal,
    @Param('id', EntityIdPipe) id: string,
    @Body() body: PutSubscriptionBody,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SubscriptionView> {
    requireSameId(body.id, id);
    const input = { ...body, filter: body.filter ?? null, webhook: body.webhook ?? null };
    const result = await this.putSubscription.execute(principal, id, input, ifMatch);
    reply.code(result.created ? 201 : 200);
    return this.show(reply, result.subscription);
  }

  @Patch(':id')
  @RequireScope('manage')
  @ApiConsumes('application/merge-patch+json', 'application/json')
  @ApiResponse({ status: 200, type: SubscriptionView })
  async patch(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() body: PatchSubscriptionBody,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SubscriptionView> {
    requireSameId(body.id, id);
    return this.show(reply, await this.patchSubscription.execute(principal, id, body, ifMatch));
  }

  @Delete(':id')
  @HttpCode(204)
  @RequireScope('manage')
  async delete(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<void> {
    await this.deleteSubscription.execute(principal, id, ifMatch);
  }

  private show(reply: FastifyReply, subscription: Subscription): SubscriptionView {
    reply.header('etag', etagOf(subscription));
    return this.views.show(subscription);
  }
}
