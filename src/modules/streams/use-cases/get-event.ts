import { Inject, Injectable } from '@nestjs/common';

import { seesTenant } from '../../../auth/permissions.js';
import type { Principal } from '../../../auth/principal.js';
import { fromRecord } from '../../../events/codec/kafka-binding.js';
import { EVENT_LOG, type EventLog, type LogRecord } from '../../../kafka/log/event-log.js';
import { LogOffsetOutOfRange } from '../../../kafka/log/log.errors.js';
import { readRecord } from '../../../kafka/log/read-record.js';
import { EventNotFound } from '../domain/streams.errors.js';
import { LookStart, type LookedTopic } from '../reading/look-start.js';
import type { FoundEvent } from './look-at-events.js';

const WAIT_MS = 2_000;

/** One event by its place. */
@Injectable()
export class GetEvent {
  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    private readonly start: LookStart,
  ) {}

  /** @throws StreamTopicUnknown, TopicForbidden, EventNotFound, LogUnavailable */
  async execute(
    principal: Principal,
    name: string,
    partition: number,
    offset: number,
  ): Promise<FoundEvent> {
    const topic = await this.start.requireTopic(principal, name);
    const record = await this.recordAt(topic, partition, offset);
    const event = record && fromRecord(record);
    if (event === undefined || !seesTenant(principal, event.tenant ?? null))
      throw new EventNotFound(name, partition, offset);
    return { event, place: { topic: name, partition, offset } };
  }

  private async recordAt(
    { name, id }: LookedTopic,
    partition: number,
    offset: number,
  ): Promise<LogRecord | undefined> {
    const ends = await this.log.admin.offsets(name, 'latest');
    if (offset >= (ends.get(partition) ?? 0)) return undefined;
    try {
      return await readRecord(this.log, { topic: name, topicId: id, partition, offset }, WAIT_MS);
    } catch (error) {
      if (error instanceof LogOffsetOutOfRange) return undefined;
      throw error;
    }
  }
}
