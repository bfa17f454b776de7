import type { CloudEvent } from '../../events/cloud-event.js';
import { fromRecord } from '../../events/codec/kafka-binding.js';
import { messageId } from '../../events/message-id.js';
import type { LogRecord, RecordHeader } from '../../kafka/log/event-log.js';
import type { KeptRecord } from '../core/checkpoint.js';
import type { JudgedEvent } from '../core/subscription-matcher.js';
import type { DeliverableEvent } from './ports.js';

type PlacedRecord = Omit<LogRecord, 'leaderEpoch' | 'detach'>;

/** Where a record lies. */
type Place = Pick<LogRecord, 'topic' | 'partition' | 'offset'>;

/** A record together with the event that it holds, which is read at the first look at it. */
export class ReadEvent implements DeliverableEvent, JudgedEvent, KeptRecord {
  private known: CloudEvent | undefined;
  private id: string | undefined;

  private constructor(private readonly record: PlacedRecord & Partial<Pick<LogRecord, 'detach'>>) {}

  static of(record: LogRecord): ReadEvent {
    return new ReadEvent(record);
  }

  /** The event of a delivery's record: one that comes from the log may have been read already. */
  static at(record: KeptRecord, place: Place): ReadEvent {
    if (record instanceof ReadEvent) return record;
    const { key, value, headers, timestamp } = record;
    const bytes = (key?.length ?? 0) + (value?.length ?? 0);
    return new ReadEvent({ key, value, headers, timestamp, bytes, ...place });
  }

  /** What is no event counts as one, as the binding says. */
  get event(): CloudEvent {
    return (this.known ??= fromRecord(this.record));
  }

  get messageId(): string {
    const { source, id } = this.event;
    return (this.id ??= messageId(this.record.topic, source, id));
  }

  /** It is going to wait: perhaps for long, while what was read beside it is delivered. */
  detach(): void {
    this.record.detach?.();
    const data = this.known?.data;
    if (data === undefined) return;
    const { value } = this.record;
    // Data that is only a part of the value is read again when it is asked for.
    const isWhole = value !== null && data.bytes.length === value.length;
    this.known = isWhole ? { ...this.event, data: data.movedTo(value) } : undefined;
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
  get bytes(): number {
    return this.record.bytes;
  }
  get offset(): number {
    return this.record.offset;
  }
  get partition(): number {
    return this.record.partition;
  }
}
