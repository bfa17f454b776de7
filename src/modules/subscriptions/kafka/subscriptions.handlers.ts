import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';

import { CurrentPrincipal } from '../../../auth/current-principal.decorator.js';
import type { Principal } from '../../../auth/principal.js';
import { RequireScope } from '../../../auth/require-scope.decorator.js';
import { topicDeleted } from '../../../kafka/contracts/catalog.contracts.js';
import {
  countSubscriptions,
  pauseSubscription,
  resumeSubscription,
  type SubscriptionStatus,
} from '../../../kafka/contracts/subscriptions.contracts.js';
import { webhookEndpointDisabled } from '../../../kafka/contracts/webhooks.contracts.js';
import {
  HandlesEvent,
  HandlesRequest,
} from '../../../kafka/transport/server/handles.decorators.js';
import { MessageContext } from '../../../kafka/transport/server/message-context.js';
import { BreakSubscriptions } from '../use-cases/break-subscriptions.js';
import { CountSubscriptions } from '../use-cases/count-subscriptions.js';
import { DisableSubscription } from '../use-cases/disable-subscription.js';
import { PauseSubscription } from '../use-cases/pause-subscription.js';
import { ResumeSubscription } from '../use-cases/resume-subscription.js';

/** Answer of the commands. */
interface SubscriptionReply {
  readonly id: string;
  readonly status: SubscriptionStatus;
}

/** Messages that reach the module over Kafka. */
@Controller()
export class SubscriptionsHandlers {
  constructor(
    private readonly breakSubscriptions: BreakSubscriptions,
    private readonly countOfTopic: CountSubscriptions,
    private readonly disableSubscription: DisableSubscription,
    private readonly pauseUseCase: PauseSubscription,
    private readonly resumeUseCase: ResumeSubscription,
  ) {}

  @HandlesEvent(topicDeleted, 'subscriptions')
  async onTopicDeleted(
    @Payload() topic: { readonly uid: string },
    @Ctx() context: MessageContext,
  ): Promise<void> {
    await this.breakSubscriptions.execute(context.transaction, topic.uid);
  }

  @HandlesEvent(webhookEndpointDisabled, 'subscriptions')
  async onEndpointDisabled(
    @Payload() endpoint: { readonly subscriptionUid: string; readonly reason: string },
    @Ctx() context: MessageContext,
  ): Promise<void> {
    const { subscriptionUid, reason } = endpoint;
    await this.disableSubscription.execute(context.transaction, subscriptionUid, reason);
  }

  @HandlesRequest(countSubscriptions)
  async count(
    @Payload() request: { readonly topicUid: string },
  ): Promise<{ readonly count: number }> {
    return { count: await this.countOfTopic.execute(request.topicUid) };
  }

  @HandlesRequest(pauseSubscription)
  @RequireScope('manage')
  async pause(
    @CurrentPrincipal() principal: Principal,
    @Payload() command: { readonly id: string },
  ): Promise<SubscriptionReply> {
    const { id, status } = await this.pauseUseCase.execute(principal, command.id);
    return { id, status };
  }

  @HandlesRequest(resumeSubscription)
  @RequireScope('manage')
  async resume(
    @CurrentPrincipal() principal: Principal,
    @Payload() command: { readonly id: string },
  ): Promise<SubscriptionReply> {
    const { id, status } = await this.resumeUseCase.execute(principal, command.id);
    return { id, status };
  }
}
