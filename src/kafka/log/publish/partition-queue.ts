import type { StoredAt } from '../event-log.js';
import { LogUnavailable, type LogError } from '../log.errors.js';
import { BATCH_HEADER_BYTES, encodeBatch } from '../protocol/encode-batch.js';
import { ProducerSequence } from './producer-sequence.js';
import type { PendingRecord } from './publish-call.js';

/** A batch that was sent, or is about to be: its bytes stay the same over all tries. */
export interface Batch {
  readonly records: readonly PendingRecord[];
  readonly bytes: Buffer;
}

/** Told of each record that is settled, so that its bytes are freed. */
export type OnSettled = (bytes: number) => void;

const COMPACT_AFTER = 1_024;

/** What waits for one partition, in order, and the one batch of it that is under way. */
export class PartitionQueue {
  readonly sequence = new ProducerSequence();
  /** The batch under way; sent again unchanged until its outcome is known. */
  current: Batch | undefined;
  /** Whether a try of `current` ended without an answer. */
  perhapsStored = false;
  /** Tries of `current` that failed. */
  failures = 0;
  /** Whether a lane or a pause holds it. */
  held = false;
  private waiting: PendingRecord[] = [];
  private head = 0;
  /** Sizes in records of the next batches, after a batch was refused and split. */
  private splits: number[] = [];

  constructor(
    readonly topic: string,
    readonly partition: number,
    /** The incarnation that the sequence belongs to. */
    public topicId: string,
    private readonly onSettled: OnSettled,
  ) {}

  get idle(): boolean {
    return this.current === undefined && this.head === this.waiting.length;
  }

  /** When the oldest record was handed in; undefined when there is none. */
  get oldest(): number | undefined {
    return (this.current?.records[0] ?? this.waiting[this.head])?.call.madeAt;
  }

  push(record: PendingRecord): void {
    this.waiting.push(record);
  }

  /** Makes what waits first the batch under way, below `maxBytes` unless one record alone is over. */
  form(maxBytes: number, timestamp: number): Batch {
    const records = this.take(this.count(maxBytes));
    return this.encode(records, timestamp);
  }

  /** Encodes the batch under way again, with the sequence's present stamp. */
  renumber(timestamp: number): void {
    if (this.current !== undefined) this.encode(this.current.records, timestamp);
  }

  /** The batch under way was stored from `baseOffset` on. */
  stored(baseOffset: number): void {
    const records = this.finish();
    this.sequence.advance(records.length);
    records.forEach((pending, delta) => {
      const place: StoredAt = { partition: this.partition, offset: baseOffset + delta };
      this.settle(pending, place);
    });
  }

  /** Puts the refused batch back to be sent in two halves. */
  split(): void {
    const records = this.finish();
    const half = Math.ceil(records.length / 2);
    this.waiting = [...records, ...this.waiting.slice(this.head)];
    this.head = 0;
    this.splits.unshift(half, records.length - half);
  }

  /** The batch under way failed. What may be stored all the same is fenced by a new epoch. */
  fail(error: LogError): void {
    const perhapsStored = this.perhapsStored;
    const records = this.finish();
    if (perhapsStored) this.sequence.raiseEpoch();
    for (const pending of records) this.settle(pending, error);
  }

  /** Fails what waits behind, so that nothing overtakes a batch that failed. */
  failWaiting(error: LogError): void {
    for (const pending of this.take(this.waiting.length - this.head)) this.settle(pending, error);
    this.splits = [];
  }

  /** Fails what was handed in before `time` and never sent. */
  expire(time: number): void {
    while ((this.waiting[this.head]?.call.madeAt ?? time) < time) {
      const error = new LogUnavailable('Kafka took too long; the record was not sent.');
      for (const pending of this.take(1)) this.settle(pending, error);
      this.splits = [];
    }
  }

  private encode(records: readonly PendingRecord[], timestamp: number): Batch {
    const bytes = encodeBatch(records, this.sequence.stamp(), timestamp);
    this.current = { records, bytes };
    return this.current;
  }

  private finish(): readonly PendingRecord[] {
    const records = this.current?.records ?? [];
    this.current = undefined;
    this.perhapsStored = false;
    this.failures = 0;
    return records;
  }

  private count(maxBytes: number): number {
    const planned = this.splits.shift();
    if (planned !== undefined) return planned;
    let bytes: number = BATCH_HEADER_BYTES;
    let count = 0;
    for (let at = this.head; at < this.waiting.length; at += 1) {
      bytes += this.waiting[at]?.size ?? 0;
      if (bytes > maxBytes && count > 0) break;
      count += 1;
    }
    return count;
  }

  private take(count: number): PendingRecord[] {
    const taken = this.waiting.slice(this.head, this.head + count);
    this.head += taken.length;
    if (this.head === this.waiting.length) {
      this.waiting = [];
      this.head = 0;
    } else if (this.head > COMPACT_AFTER) {
      this.waiting = this.waiting.slice(this.head);
      this.head = 0;
    }
    return taken;
  }

  private settle(pending: PendingRecord, outcome: StoredAt | LogError): void {
    this.onSettled(pending.size);
    pending.call.settle(pending.index, outcome);
  }
}
