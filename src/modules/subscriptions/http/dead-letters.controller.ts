import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { CurrentPrincipal } from '../../../auth/current-principal.decorator.js';
import type { Principal } from '../../../auth/principal.js';
import { RequireScope } from '../../../auth/require-scope.decorator.js';
import { PageQuery } from '../../../common/http/page-query.js';
import { DeleteDeadLetter } from '../use-cases/delete-dead-letter.js';
import { GetDeadLetter } from '../use-cases/get-dead-letter.js';
import { ListDeadLetters } from '../use-cases/list-dead-letters.js';
import { RedriveDeadLetters } from '../use-cases/redrive-dead-letters.js';
import { accepted, acceptedHeaders } from './accepted.js';
import { RedriveBody } from './delivery.bodies.js';
import { DeadLetterPageView, DeadLetterWithEventView, OperationView } from './delivery.views.js';

/** Events of a subscription whose attempts are used up. */
@ApiTags('subscriptions')
@ApiBearerAuth('key')
@Controller('subscriptions/:id/dead-letters')
export class SubscriptionDeadLettersController {
  constructor(
    private readonly listDeadLetters: ListDeadLetters,
    private readonly getDeadLetter: GetDeadLetter,
    private readonly deleteDeadLetter: DeleteDeadLetter,
    private readonly redriveDeadLetters: RedriveDeadLetters,
  ) {}

  @Get()
  @RequireScope('manage')
  @ApiResponse({ status: 200, type: DeadLetterPageView })
  list(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Query() query: PageQuery,
  ): Promise<DeadLetterPageView> {
    return this.listDeadLetters.execute(principal, id, query);
  }

  @Get(':deadLetterId')
  @RequireScope('manage')
  @ApiResponse({ status: 200, type: DeadLetterWithEventView })
  async get(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Param('deadLetterId') deadLetterId: string,
  ): Promise<DeadLetterWithEventView> {
    const { deadLetter, event } = await this.getDeadLetter.execute(principal, id, deadLetterId);
    return { ...deadLetter, event };
  }

  @Delete(':deadLetterId')
  @HttpCode(204)
  @RequireScope('manage')
  delete(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Param('deadLetterId') deadLetterId: string,
  ): Promise<void> {
    return this.deleteDeadLetter.execute(principal, id, deadLetterId);
  }

  @Post('redrive')
  @HttpCode(202)
  @RequireScope('manage')
  @ApiBody({ type: RedriveBody, required: false })
  @ApiResponse({ status: 202, type: OperationView, headers: acceptedHeaders })
  async redrive(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() body: RedriveBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OperationView> {
    return accepted(reply, await this.redriveDeadLetters.execute(principal, id, body));
  }
}
