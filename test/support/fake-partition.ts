import { setImmediate as turn } from 'node:timers/promises';

import { toRecord } from '../../src/events/codec/kafka-binding.js';
import type { LogRecord, LogSlice } from '../../src/kafka/log/event-log.js';
import { LogOffsetOutOfRange } from '../../src/kafka/log/log.errors.js';
import { recordAt } from '../../src/kafka/log/testing/log-record.js';

export type Type = 'a' | 'b';
export type Partition = 0 | 1;
/** Records in a slice: few, so that slices end often. */
export const SLICE_RECORDS = 3;

/** A partition in memory: a record an offset, the oldest of which may be gone. */
export class FakePartition {
  start = 0;
  readonly types: Type[] = [];
  private waiting: (() => void)[] = [];

  constructor(readonly partition: Partition) {}

  append(type: Type): void {
    this.types.push(type);
    for (const wake of this.waiting.splice(0)) wake();
  }

  /** Cuts the end off, as a leader does that lost it. */
  cut(end: number): void {
    this.types.length = end;
    for (const wake of this.waiting.splice(0)) wake();
  }

  expire(share: number): void {
    this.start = Math.max(this.start, Math.floor(this.types.length * share));
  }

  async *slices(from: number, signal: () => AbortSignal | undefined): AsyncGenerator<LogSlice> {
    for (let offset = from; ;) {
      await turn();
      const end = this.types.length;
      if (offset < this.start || offset > end)
        throw new LogOffsetOutOfRange({
          requested: offset,
          startOffset: this.start,
          endOffset: end,
        });
      if (offset === end) {
        await this.more(signal());
        continue;
      }
      const next = Math.min(end, offset + SLICE_RECORDS);
      const records = this.types
        .slice(offset, next)
        .map((type, n) => this.record(offset + n, type));
      offset = next;
      const bounds = { startOffset: this.start, endOffset: end };
      yield { records, leaderEpoch: 0, nextOffset: next, ...bounds };
    }
  }

  private async more(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      this.waiting.push(resolve);
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  }

  private record(offset: number, type: Type): LogRecord {
    const { partition } = this;
    const attributes = { specversion: '1.0', id: '1', source: '/s', type, extensions: {} } as const;
    return recordAt(offset, { ...toRecord(attributes), partition, bytes: 100 });
  }
}
