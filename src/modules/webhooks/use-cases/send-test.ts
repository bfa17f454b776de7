import { Inject, Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { CLOCK, type Clock } from '../../../common/clock.js';
import type { CloudEvent } from '../../../events/cloud-event.js';
import { parseJsonEvent } from '../../../events/codec/json-format.js';
import { EventData } from '../../../events/event-data.js';
import { messageId } from '../../../events/message-id.js';
import type { JsonCloudEvent } from '../../../kafka/contracts/ingest.contracts.js';
import type { TestDelivery } from '../../../kafka/contracts/webhooks.contracts.js';
import { WebhookDirectory } from '../delivery/webhook-directory.js';
import { WebhookTargets } from '../delivery/webhook-targets.js';

/** Sends one event to the endpoint, outside of the log: nothing is stored, retried or counted. */
@Injectable()
export class SendTest {
  constructor(
    private readonly directory: WebhookDirectory,
    private readonly targets: WebhookTargets,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * @param given what to send; null: an event of type `millrace.test`
   * @throws EventError, WebhookNotFound
   */
  async execute(subscriptionUid: string, given: JsonCloudEvent | null): Promise<TestDelivery> {
    const subscription = await this.directory.require(subscriptionUid);
    const now = this.clock.now();
    const event = given === null ? testEvent(subscription.id, now) : parseJsonEvent(given);
    const id = messageId(subscription.topic, event.source, event.id);
    const deliverable = { event, messageId: id, timestamp: now.getTime() };
    const signal = AbortSignal.timeout((subscription.webhook.timeoutSeconds + 5) * 1_000);
    const result = await this.targets.send(subscription, deliverable, signal);
    const { durationMs } = result;
    if (result.outcome === 'delivered') {
      const { status } = result;
      return { delivered: true, messageId: id, status, durationMs, error: null };
    }
    const { error } = result;
    return { delivered: false, messageId: id, status: error.status ?? null, durationMs, error };
  }
}

const testEvent = (subscription: string, at: Date): CloudEvent => ({
  specversion: '1.0',
  id: `test-${randomUUID()}`,
  source: '/millrace/test',
  type: 'millrace.test',
  time: at.toISOString(),
  datacontenttype: 'application/json',
  extensions: {},
  data: EventData.json({ subscription, message: 'This is a test of the endpoint.' }),
});
