import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';

import { CurrentPrincipal } from '../../../auth/current-principal.decorator.js';
import type { Principal } from '../../../auth/principal.js';
import { RequireScope } from '../../../auth/require-scope.decorator.js';
import type { DeliveryGap } from '../../../kafka/contracts/delivery-shapes.js';
import {
  commitCursor,
  getStreamStats,
  listStreamGaps,
} from '../../../kafka/contracts/streams.contracts.js';
import { subscriptionDeleted } from '../../../kafka/contracts/subscriptions.contracts.js';
import {
  HandlesEvent,
  HandlesRequest,
} from '../../../kafka/transport/server/handles.decorators.js';
import { MessageContext } from '../../../kafka/transport/server/message-context.js';
import { CommitCursor } from '../use-cases/commit-cursor.js';
import { ForgetSubscription } from '../use-cases/forget-subscription.js';
import { GetStreamStats, type StreamStats } from '../use-cases/get-stream-stats.js';
import { ListStreamGaps } from '../use-cases/list-stream-gaps.js';

/** Messages that reach the module over Kafka. */
@Controller()
export class StreamsHandlers {
  constructor(
    private readonly commitUseCase: CommitCursor,
    private readonly forgetSubscription: ForgetSubscription,
    private readonly statsUseCase: GetStreamStats,
    private readonly gapsUseCase: ListStreamGaps,
  ) {}

  @HandlesEvent(subscriptionDeleted, 'streams')
  async onSubscriptionDeleted(
    @Payload() subscription: { readonly uid: string },
    @Ctx() context: MessageContext,
  ): Promise<void> {
    await this.forgetSubscription.execute(context.manager, subscription.uid);
  }

  @HandlesRequest(getStreamStats)
  async stats(@Payload() request: { readonly subscriptionUid: string }): Promise<StreamStats> {
    return this.statsUseCase.execute(request.subscriptionUid);
  }

  @HandlesRequest(listStreamGaps)
  async gaps(
    @Payload()
    request: {
      readonly subscriptionUid: string;
      readonly limit: number;
      readonly after: string | null;
    },
  ): Promise<{ readonly gaps: readonly DeliveryGap[]; readonly next: string | null }> {
    return this.gapsUseCase.execute(request.subscriptionUid, request.limit, request.after);
  }

  @HandlesRequest(commitCursor)
  @RequireScope('consume')
  async commit(
    @CurrentPrincipal() principal: Principal,
    @Payload() command: { readonly subscription: string; readonly cursor: string },
  ): Promise<{ readonly committed: true }> {
    await this.commitUseCase.execute(principal, command.subscription, command.cursor);
    return { committed: true };
  }
}
