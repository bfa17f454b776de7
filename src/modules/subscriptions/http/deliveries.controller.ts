import { Body, Controller, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { CurrentPrincipal } from '../../../auth/current-principal.decorator.js';
import type { Principal } from '../../../auth/principal.js';
import { RequireScope } from '../../../auth/require-scope.decorator.js';
import { ResendEvents } from '../use-cases/resend-events.js';
import { TestWebhook } from '../use-cases/test-webhook.js';
import { accepted, acceptedHeaders } from './accepted.js';
import { ResendBody, TestBody } from './delivery.bodies.js';
import { OperationView, TestDeliveryView } from './delivery.views.js';

/** Deliveries that somebody asks for, beside those that the log brings. */
@ApiTags('subscriptions')
@ApiBearerAuth('key')
@Controller('subscriptions/:id')
export class DeliveriesController {
  constructor(
    private readonly resendEvents: ResendEvents,
    private readonly testWebhook: TestWebhook,
  ) {}

  @Post('resend')
  @HttpCode(202)
  @RequireScope('manage')
  @ApiResponse({ status: 202, type: OperationView, headers: acceptedHeaders })
  async resend(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() body: ResendBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OperationView> {
    return accepted(reply, await this.resendEvents.execute(principal, id, body.events));
  }

  @Post('test')
  @HttpCode(200)
  @RequireScope('manage')
  @ApiBody({ type: TestBody, required: false })
  @ApiResponse({ status: 200, type: TestDeliveryView })
  test(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() body: TestBody,
  ): Promise<TestDeliveryView> {
    return this.testWebhook.execute(principal, id, body.event ?? undefined);
  }
}
