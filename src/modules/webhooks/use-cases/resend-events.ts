import { Inject, Injectable } from '@nestjs/common';
import { RedriveStore, type ChosenRecord } from '../../../delivery/persistence/redrive.store.js';
import { fromRecord } from '../../../events/codec/kafka-binding.js';
import type { OperationState } from '../../../kafka/contracts/delivery-shapes.js';
import type { ChosenEvent } from '../../../kafka/contracts/webhooks.contracts.js';
import { EVENT_LOG, type EventLog, type LogRecord } from '../../../kafka/log/event-log.js';
import { LogOffsetOutOfRange, LogTopicGone } from '../../../kafka/log/log.errors.js';
import { WebhookDelivery } from '../delivery/webhook-delivery.js';
import { WebhookDirectory, type WebhookSubscription } from '../delivery/webhook-directory.js';
import { ChosenEventNotFound, WebhookNotFound } from '../domain/webhooks.errors.js';

const READ_WITHIN_MS = 2_000;

/** Sends chosen events of the topic again, delivered before or not, whatever the filter says now. */
@Injectable()
export class ResendEvents {
  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    private readonly directory: WebhookDirectory,
    private readonly redrives: RedriveStore,
    private readonly delivery: WebhookDelivery,
  ) {}

  /** @throws ChosenEventNotFound, WebhookNotFound, LogUnavailable, DatabaseUnavailable */
  async execute(
    subscriptionUid: string,
    operationId: string,
    events: readonly ChosenEvent[],
  ): Promise<OperationState> {
    const subscription = await this.directory.require(subscriptionUid);
    const records = await this.read(subscription, events);
    const operation = { id: operationId, subscriptionUid, type: 'resend' } as const;
    const state = await this.redrives.resend(operation, records);
    if (state?.subscriptionUid !== subscriptionUid) throw new WebhookNotFound(subscriptionUid);
    this.delivery.wake();
    return state;
  }

  /** All or none: a list in which one event is missing is refused. */
  private async read(
    subscription: WebhookSubscription,
    events: readonly ChosenEvent[],
  ): Promise<readonly ChosenRecord[]> {
    const topic = await this.log.admin.describeTopic(subscription.topic);
    const ends =
      topic === undefined ? undefined : await this.log.admin.offsets(topic.name, 'latest');
    const found: ChosenRecord[] = [];
    for (const [index, chosen] of events.entries()) {
      const exists = chosen.offset < (ends?.get(chosen.partition) ?? 0);
      const record =
        topic !== undefined && exists
          ? await this.recordAt({ topic: topic.name, topicId: topic.id }, chosen)
          : undefined;
      if (record === undefined || !isVisible(subscription, record)) {
        throw new ChosenEventNotFound(index, chosen);
      }
      const place = { topic: record.topic, topicId: topic?.id ?? '', ...chosen };
      found.push({ ...place, orderKey: record.key, record });
    }
    return found;
  }

  private async recordAt(
    topic: { readonly topic: string; readonly topicId: string },
    { partition, offset }: ChosenEvent,
  ): Promise<LogRecord | undefined> {
    const reader = this.log.read({ ...topic, partition, offset, maxBytes: 1, maxRecords: 1 });
    try {
      const { records } = await reader.next({ maxWaitMs: READ_WITHIN_MS });
      return records.find((record) => record.offset === offset);
    } catch (error) {
      if (error instanceof LogOffsetOutOfRange || error instanceof LogTopicGone) return undefined;
      throw error;
    } finally {
      await reader.close();
    }
  }
}

/** A tenant's subscription gets its tenant's events only. */
const isVisible = ({ tenant }: WebhookSubscription, record: LogRecord): boolean =>
  tenant === null || fromRecord(record).tenant === tenant;
