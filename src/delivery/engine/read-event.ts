import type { CloudEvent } from '../../events/cloud-event.js';
import { fromRecord } from '../../events/codec/kafka-binding.js';
import { messageId } from '../../events/message-id.js';
import type { LogRecord, RecordHeader } from '../../kafka/log/event-log.js';
import type { KeptRecord } from '../core/checkpoint.js';
import type { DeliverableEvent } from './ports.js';

/** Where a record lies. */
interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** A record together with the event that it holds; the event is read once. */
export class ReadEvent implements DeliverableEvent, KeptRecord {
  readonly event: CloudEvent;
  private id: string | undefined;

  private constructor(private readonly record: LogRecord | (KeptRecord & Place)) {
    this.event = fromRecord(record);
  }

  /** Never fails: what is no event counts as one, as the binding says. */
  static of(record: LogRecord): ReadEvent {
    return new ReadEvent(record);
  }

  /** The event of a delivery's record: one that comes from the log is read already. */
  static at(record: KeptRecord, place: Place): ReadEvent {
    if (record instanceof ReadEvent) return record;
    const { key, value, headers, timestamp } = record;
    return new ReadEvent({ key, value, headers, timestamp, ...place });
  }

  get key(): Buffer | null {
    return this.record.key;
  }
  get value(): Buffer | null {
    return this.record.value;
  }
  get headers(): readonly RecordHeader[] {
    return this.record.headers;
  }
  get timestamp(): number {
    return this.record.timestamp;
  }
  get offset(): number {
    return this.record.offset;
  }
  get partition(): number {
    return this.record.partition;
  }

  get messageId(): string {
    const { source, id } = this.event;
    return (this.id ??= messageId(this.record.topic, source, id));
  }
}
