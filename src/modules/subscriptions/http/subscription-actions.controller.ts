import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiResponse, ApiTags } from '@nestjs/swagger';

import { CurrentPrincipal } from '../../../auth/current-principal.decorator.js';
import type { Principal } from '../../../auth/principal.js';
import { RequireScope } from '../../../auth/require-scope.decorator.js';
import { PageQuery } from '../../../common/http/page-query.js';
import type { Page } from '../../../common/paging.js';
import type { DeliveryGap } from '../../../kafka/contracts/delivery-shapes.js';
import { EnableSubscription } from '../use-cases/enable-subscription.js';
import { GetStats } from '../use-cases/get-stats.js';
import { ListGaps } from '../use-cases/list-gaps.js';
import { PauseSubscription } from '../use-cases/pause-subscription.js';
import { ResumeSubscription } from '../use-cases/resume-subscription.js';
import type { SubscriptionStats } from '../use-cases/ways-out/way-out.js';
import { SubscriptionView } from './subscription.view.js';
import { SubscriptionViews } from './subscription-views.js';
import { gapsSchema, statsSchema } from './progress.openapi.js';

/** What can be done with a subscription, and asked about it. */
@ApiTags('subscriptions')
@ApiBearerAuth('key')
@Controller('subscriptions/:id')
export class SubscriptionActionsController {
  constructor(
    private readonly pauseSubscription: PauseSubscription,
    private readonly resumeSubscription: ResumeSubscription,
    private readonly enableSubscription: EnableSubscription,
    private readonly getStats: GetStats,
    private readonly listGaps: ListGaps,
    private readonly views: SubscriptionViews,
  ) {}

  @Post('pause')
  @HttpCode(200)
  @RequireScope('manage')
  @ApiResponse({ status: 200, type: SubscriptionView })
  async pause(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
  ): Promise<SubscriptionView> {
    return this.views.show(await this.pauseSubscription.execute(principal, id));
  }

  @Post('resume')
  @HttpCode(200)
  @RequireScope('manage')
  @ApiResponse({ status: 200, type: SubscriptionView })
  async resume(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
  ): Promise<SubscriptionView> {
    return this.views.show(await this.resumeSubscription.execute(principal, id));
  }

  @Post('enable')
  @HttpCode(200)
  @RequireScope('manage')
  @ApiResponse({ status: 200, type: SubscriptionView })
  async enable(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
  ): Promise<SubscriptionView> {
    return this.views.show(await this.enableSubscription.execute(principal, id));
  }

  @Get('stats')
  @RequireScope('manage')
  @ApiResponse({ status: 200, schema: statsSchema })
  async stats(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
  ): Promise<SubscriptionStats> {
    return this.getStats.execute(principal, id);
  }

  @Get('gaps')
  @RequireScope('manage')
  @ApiResponse({ status: 200, schema: gapsSchema })
  async gaps(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Query() query: PageQuery,
  ): Promise<Page<DeliveryGap>> {
    return this.listGaps.execute(principal, id, query);
  }
}
