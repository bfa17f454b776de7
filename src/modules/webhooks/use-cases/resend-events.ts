import { Inject, Injectable } from '@nestjs/common';
import { RedriveStore, type ChosenRecord } from '../../../delivery/persistence/redrive.store.js';
import { fromRecord } from '../../../events/codec/kafka-binding.js';
import type { OperationState } from '../../../kafka/contracts/delivery-shapes.js';
import type { ChosenEvent } from '../../../kafka/contracts/webhooks.contracts.js';
import {
  EVENT_LOG,
  type EventLog,
  type LogRecord,
  type TopicDescription,
} from '../../../kafka/log/event-log.js';
import { LogOffsetOutOfRange, LogTopicGone } from '../../../kafka/log/log.errors.js';
import { readRecord } from '../../../kafka/log/read-record.js';
import { WebhookDelivery } from '../delivery/webhook-delivery.js';
import { WebhookDirectory, type WebhookSubscription } from '../delivery/webhook-directory.js';
import {
  ChosenEventNotFound,
  ChosenEventsTooLarge,
  WebhookNotFound,
} from '../domain/webhooks.errors.js';

const READ_WITHIN_MS = 2_000;
const READ_AT_ONCE = 16;
/** All of them are in memory before the first is stored: all are sent, or none. */
const MAX_BYTES = 32 * 1024 * 1024;
const NOWHERE: ChosenEvent = { partition: 0, offset: 0 };

/** Sends chosen events of the topic again, delivered before or not, whatever the filter says now. */
@Injectable()
export class ResendEvents {
  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    private readonly directory: WebhookDirectory,
    private readonly redrives: RedriveStore,
    private readonly delivery: WebhookDelivery,
  ) {}

  /** @throws ChosenEventNotFound, ChosenEventsTooLarge, WebhookNotFound, LogUnavailable, DatabaseUnavailable */
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
    if (topic === undefined) throw new ChosenEventNotFound(0, events[0] ?? NOWHERE);
    const ends = await this.log.admin.offsets(topic.name, 'latest');
    const found: ChosenRecord[] = [];
    let bytes = 0;
    for (let first = 0; first < events.length; first += READ_AT_ONCE) {
      const part = events.slice(first, first + READ_AT_ONCE);
      const records = await Promise.all(part.map((chosen) => this.recordAt(topic, ends, chosen)));
      for (const [place, record] of records.entries()) {
        const index = first + place;
        const chosen = part[place] ?? NOWHERE;
        if (record === undefined || !isVisible(subscription, record)) {
          throw new ChosenEventNotFound(index, chosen);
        }
        record.detach();
        bytes += record.bytes;
        if (bytes > MAX_BYTES) throw new ChosenEventsTooLarge(index, MAX_BYTES);
        const at = { topic: topic.name, topicId: topic.id, ...chosen };
        found.push({ ...at, orderKey: record.key, record });
      }
    }
    return found;
  }

  private async recordAt(
    { name, id }: TopicDescription,
    ends: ReadonlyMap<number, number>,
    { partition, offset }: ChosenEvent,
  ): Promise<LogRecord | undefined> {
    if (offset >= (ends.get(partition) ?? 0)) return undefined;
    try {
      const place = { topic: name, topicId: id, partition, offset };
      return await readRecord(this.log, place, READ_WITHIN_MS);
    } catch (error) {
      if (error instanceof LogOffsetOutOfRange || error instanceof LogTopicGone) return undefined;
      throw error;
    }
  }
}

/** A tenant's subscription gets its tenant's events only. */
const isVisible = ({ tenant }: WebhookSubscription, record: LogRecord): boolean =>
  tenant === null || fromRecord(record).tenant === tenant;
