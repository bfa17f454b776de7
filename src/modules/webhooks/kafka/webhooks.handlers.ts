import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import type { OperationState } from '../../../kafka/contracts/delivery-shapes.js';
import { subscriptionDeleted } from '../../../kafka/contracts/subscriptions.contracts.js';
import type { JsonCloudEvent } from '../../../kafka/contracts/ingest.contracts.js';
import {
  deleteWebhookDeadLetter,
  getWebhookDeadLetter,
  getWebhookOperation,
  getWebhookStats,
  listWebhookDeadLetters,
  listWebhookGaps,
  redriveWebhookDeadLetters,
  resendWebhookEvents,
  testWebhook,
  type ChosenEvent,
  type TestDelivery,
} from '../../../kafka/contracts/webhooks.contracts.js';
import {
  HandlesEvent,
  HandlesRequest,
} from '../../../kafka/transport/server/handles.decorators.js';
import { MessageContext } from '../../../kafka/transport/server/message-context.js';
import { DeleteDeadLetter } from '../use-cases/delete-dead-letter.js';
import { ForgetSubscription } from '../use-cases/forget-subscription.js';
import { GetDeadLetter } from '../use-cases/get-dead-letter.js';
import { GetOperation } from '../use-cases/get-operation.js';
import { GetWebhookStats, type WebhookStats } from '../use-cases/get-webhook-stats.js';
import { ListDeadLetters } from '../use-cases/list-dead-letters.js';
import { ListWebhookGaps } from '../use-cases/list-webhook-gaps.js';
import { RedriveDeadLetters, type RedriveRequest } from '../use-cases/redrive-dead-letters.js';
import { ResendEvents } from '../use-cases/resend-events.js';
import { SendTest } from '../use-cases/send-test.js';

interface About {
  readonly subscriptionUid: string;
}

interface PageRequest extends About {
  readonly limit: number;
  readonly after: string | null;
}

type One = About & { readonly id: string };

/** Messages that reach the module over Kafka; its answers are shown under /v1/subscriptions/{id}. */
@Controller()
export class WebhooksHandlers {
  constructor(
    private readonly forgetSubscription: ForgetSubscription,
    private readonly getStats: GetWebhookStats,
    private readonly listGaps: ListWebhookGaps,
    private readonly listDeadLetters: ListDeadLetters,
    private readonly getDeadLetter: GetDeadLetter,
    private readonly deleteDeadLetter: DeleteDeadLetter,
    private readonly redriveDeadLetters: RedriveDeadLetters,
    private readonly resendEvents: ResendEvents,
    private readonly sendTest: SendTest,
    private readonly getOperation: GetOperation,
  ) {}

  @HandlesEvent(subscriptionDeleted, 'webhooks')
  async onSubscriptionDeleted(
    @Payload() subscription: { readonly uid: string },
    @Ctx() context: MessageContext,
  ): Promise<void> {
    await this.forgetSubscription.execute(context.manager, subscription.uid);
  }

  @HandlesRequest(getWebhookStats)
  async stats(@Payload() { subscriptionUid }: About): Promise<WebhookStats> {
    return this.getStats.execute(subscriptionUid);
  }

  @HandlesRequest(listWebhookGaps)
  async gaps(@Payload() { subscriptionUid, limit, after }: PageRequest) {
    return this.listGaps.execute(subscriptionUid, limit, after);
  }

  @HandlesRequest(listWebhookDeadLetters)
  async deadLetters(@Payload() { subscriptionUid, limit, after }: PageRequest) {
    return this.listDeadLetters.execute(subscriptionUid, limit, after);
  }

  @HandlesRequest(getWebhookDeadLetter)
  async deadLetter(@Payload() { subscriptionUid, id }: One) {
    return this.getDeadLetter.execute(subscriptionUid, id);
  }

  @HandlesRequest(deleteWebhookDeadLetter)
  async drop(@Payload() { subscriptionUid, id }: One): Promise<{ readonly deleted: true }> {
    await this.deleteDeadLetter.execute(subscriptionUid, id);
    return { deleted: true };
  }

  @HandlesRequest(redriveWebhookDeadLetters)
  async redrive(@Payload() request: RedriveRequest): Promise<OperationState> {
    return this.redriveDeadLetters.execute(request);
  }

  @HandlesRequest(resendWebhookEvents)
  async resend(
    @Payload()
    request: About & { readonly operationId: string; readonly events: readonly ChosenEvent[] },
  ): Promise<OperationState> {
    const { subscriptionUid, operationId, events } = request;
    return this.resendEvents.execute(subscriptionUid, operationId, events);
  }

  @HandlesRequest(testWebhook)
  async test(
    @Payload() { subscriptionUid, event }: About & { readonly event: JsonCloudEvent | null },
  ): Promise<TestDelivery> {
    return this.sendTest.execute(subscriptionUid, event);
  }

  @HandlesRequest(getWebhookOperation)
  async operation(
    @Payload() { operationId }: { readonly operationId: string },
  ): Promise<OperationState> {
    return this.getOperation.execute(operationId);
  }
}
