import { Inject, Injectable } from '@nestjs/common';

import type { Principal } from '../../../auth/principal.js';
import { CLOCK, type Clock } from '../../../common/clock.js';
import { newUid } from '../../../common/ids.js';
import type { JsonCloudEvent } from '../../../kafka/contracts/ingest.contracts.js';
import type { TestDelivery } from '../../../kafka/contracts/webhooks.contracts.js';
import { completeTestEvent } from '../domain/test-event.js';
import { webhookDefaults } from '../domain/webhook-definition.js';
import { GetSubscription } from './get-subscription.js';
import { WaysOut } from './ways-out/ways-out.js';

/** What the way over Kafka, and connecting, may take beside the endpoint's own time. */
const AROUND_MS = 10_000;

/** Sends one event to the endpoint now, and tells what came of it. */
@Injectable()
export class TestWebhook {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly getSubscription: GetSubscription,
    private readonly waysOut: WaysOut,
  ) {}

  /**
   * @param event undefined: one that the kind's module makes
   * @throws SubscriptionNotFound, KindLacks, EventError, TestEventTooLarge, RequestTimedOut,
   *   RemoteError
   */
  async execute(
    principal: Principal,
    id: string,
    event: JsonCloudEvent | undefined,
  ): Promise<TestDelivery> {
    const { uid, kind, topic, webhook } = await this.getSubscription.execute(principal, id);
    const test = this.waysOut.asking(kind, 'test');
    const defaults = { topic, id: newUid(), at: this.clock.now() };
    const complete = event === undefined ? null : completeTestEvent(event, defaults);
    const { timeoutSeconds } = webhook ?? webhookDefaults;
    return test({ subscriptionUid: uid, event: complete }, timeoutSeconds * 1_000 + AROUND_MS);
  }
}
