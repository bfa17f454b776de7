import { Logger } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import { backOffMs } from './back-off.js';
import type { ConsumedRecord, RecordHandler } from './consumed-record.js';
import { OffsetTracker } from './offset-tracker.js';

/** Records that may wait in a lane before its partition is paused, and when it goes on. */
const PAUSE_AT = 100;
const RESUME_AT = 20;

/** What a lane tells its consumer. */
export interface LaneControls {
  readonly pause: () => void;
  readonly resume: () => void;
}

/**
 * The records of one partition on their way through a handler, apart from the consumer's poll loop:
 * however long a record takes, or backs off, other partitions go on. Events of a partition are
 * handled one after the other, requests several at a time.
 */
export class PartitionLane {
  private readonly logger = new Logger(PartitionLane.name);
  private tracker = new OffsetTracker();
  private readonly closing = new AbortController();
  private readonly active = new Set<Promise<void>>();
  private queue: ConsumedRecord[] = [];
  private paused = false;

  /** Offset that Kafka has of this partition, as far as we committed it. */
  committed: number | undefined;

  constructor(
    private readonly concurrency: number,
    private readonly handle: RecordHandler,
    private readonly controls: LaneControls,
  ) {}

  /** Takes records in offset order; those seen before (fetched again after a rebalance) are dropped. */
  enqueue(records: readonly ConsumedRecord[]): void {
    if (this.closing.signal.aborted) return;
    this.forgetAnEarlierTopic(records);
    for (const record of records) {
      if (this.tracker.last !== undefined && record.offset <= this.tracker.last) continue;
      this.tracker.add(record.offset);
      this.queue.push(record);
    }
    this.pump();
    if (this.queue.length < PAUSE_AT) return;
    this.paused = true;
    this.controls.pause();
  }

  /** The offset to commit when it is not yet in Kafka. */
  get uncommitted(): number | undefined {
    const { committable } = this.tracker;
    return committable === this.committed ? undefined : committable;
  }

  /** Drops what waits, ends back-offs, and waits until the records in hand are done. */
  async close(): Promise<void> {
    this.queue = [];
    this.closing.abort();
    await Promise.all(this.active);
  }

  /** Kafka never gives again what was committed, unless the topic was deleted and made anew. */
  private forgetAnEarlierTopic([first]: readonly ConsumedRecord[]): void {
    if (first === undefined || first.offset >= (this.committed ?? 0)) return;
    this.queue = [];
    this.tracker = new OffsetTracker();
    this.committed = undefined;
  }

  private pump(): void {
    while (this.active.size < this.concurrency) {
      const record = this.queue.shift();
      if (record === undefined) break;
      const running = this.settle(record, this.tracker).finally(() => {
        this.active.delete(running);
        this.pump();
      });
      this.active.add(running);
    }
    if (!this.paused || this.queue.length > RESUME_AT) return;
    this.paused = false;
    this.controls.resume();
  }

  private async settle(record: ConsumedRecord, tracker: OffsetTracker): Promise<void> {
    const { signal } = this.closing;
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        await this.handle(record, { signal, mayHaveBeenTried: this.committed === undefined });
        tracker.settle(record.offset);
        return;
      } catch (error) {
        if (signal.aborted) return;
        this.logger.error(`A record of ${record.topic} could not be settled`, error);
        await pause(backOffMs(failures), undefined, { signal }).catch(() => undefined);
      }
    }
  }
}
