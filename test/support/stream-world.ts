/** A world around one stream reader, in memory: log, leases, commits, filters, gaps. */
import { setImmediate as turn } from 'node:timers/promises';

import { toRecord } from '../../src/events/codec/kafka-binding.js';
import type {
  FilterRevision,
  SubscriptionState,
} from '../../src/kafka/contracts/subscriptions.contracts.js';
import type { EventLog, LogRecord, LogSlice } from '../../src/kafka/log/event-log.js';
import { LogOffsetOutOfRange } from '../../src/kafka/log/log.errors.js';
import { decodeCursor } from '../../src/modules/streams/domain/cursor.js';
import type { JudgedPosition } from '../../src/modules/streams/domain/position.js';
import type { GapStore, MetGap } from '../../src/modules/streams/persistence/gap.store.js';
import type { Claim } from '../../src/modules/streams/persistence/lease.store.js';
import type { EventItem } from '../../src/modules/streams/reading/reader-items.js';
import { Reader } from '../../src/modules/streams/reading/reader.js';
import {
  startAtCursor,
  type StartingPoint,
} from '../../src/modules/streams/reading/starting-point.js';
import { defaultStreamLimits } from '../../src/modules/streams/reading/stream-limits.js';
import type { TopicWatch } from '../../src/modules/streams/reading/topic-watch.js';

export type Type = 'a' | 'b';
export type Partition = 0 | 1;
export const PARTITIONS: readonly Partition[] = [0, 1];
const limits = { ...defaultStreamLimits, maxSliceRecords: 3 };
const filterOf = (type: Type) => ({ exact: { type } });

/** A partition in memory: a record an offset, the oldest of which may be gone. */
class FakePartition {
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
      const next = Math.min(end, offset + limits.maxSliceRecords);
      const records = this.types
        .slice(offset, next)
        .map((type, n) => this.record(offset + n, type));
      offset = next;
      yield { records, nextOffset: next, startOffset: this.start, endOffset: end };
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
    const place = { topic: 't', partition, offset, timestamp: 0, leaderEpoch: 0 };
    return { ...toRecord(attributes), ...place };
  }
}

/** Everything around one reader: what the log, Postgres and other processes hold. */
export class World {
  readonly log = PARTITIONS.map((partition) => new FakePartition(partition));
  readonly epochs = [1, 1];
  readonly committed: (JudgedPosition | null)[] = [null, null];
  readonly gaps: MetGap[] = [];
  readonly handedOut = new Set<string>();
  readonly emitted: string[] = [];
  /** Highest offset since a partition was last turned back. */
  readonly reached = [-1, -1];
  filters: readonly FilterRevision[] = [{ number: 1, from: {}, filter: filterOf('a') }];
  paused = false;
  /** Whether the reader's process must doubt its leases. */
  readonly leases = { stale: false };
  held: readonly Partition[] = PARTITIONS;
  reader = this.open(undefined);

  get state(): SubscriptionState {
    const at = '2026-01-01T00:00:00Z';
    const { filters, paused } = this;
    const fixed = { uid: 'u', id: 's', topic: 't', topicUid: 'tu', kafkaTopicId: 'k' } as const;
    const life = { status: paused ? 'paused' : 'active', reason: null, since: at } as const;
    return { ...fixed, ...life, kind: 'stream', tenant: null, start: {}, filters, createdAt: at };
  }

  open(startingPoint: StartingPoint | undefined): Reader {
    const services = {
      limits,
      leases: this.leases,
      topics: {} as TopicWatch,
      gaps: { record: (met: MetGap) => this.recordGap(met) } as unknown as GapStore,
      log: { read: (place) => this.read(place.partition, place.offset) } as EventLog,
    };
    const reader = new Reader(services, this.state, { id: 'r', keyUid: 'key', startingPoint }, 'k');
    this.turnedBack();
    reader.acquire(this.claims());
    return reader;
  }

  append(to: Partition, types: readonly Type[]): void {
    for (const type of types) this.log[to]!.append(type);
  }

  share(held: readonly Partition[]): void {
    for (const partition of PARTITIONS)
      if (!this.held.includes(partition) || !held.includes(partition)) this.epochs[partition]! += 1;
    this.held = held;
    this.turnedBack();
    this.reader.release(this.claims());
    this.reader.acquire(this.claims());
  }

  change(type: Type): void {
    const from = Object.fromEntries(
      this.log.map(({ partition, types }) => [partition, types.length]),
    );
    const number = this.filters.length + 1;
    this.filters = [...this.filters, { number, from, filter: filterOf(type) }];
  }

  hear(): void {
    this.turnedBack();
    this.reader.update(this.state);
  }

  /** What PositionStore does. */
  commit(text: string): void {
    const { topicId, filterRevision, positions } = decodeCursor(text);
    for (const { partition, offset, epoch } of positions) {
      const present = this.committed[partition];
      if (epoch !== this.epochs[partition] || (present && present.offset >= offset)) continue;
      this.committed[partition] = { topicId, offset, filterRevision };
    }
  }

  resume(text: string): void {
    this.reader.end('closed');
    this.reader = this.open(startAtCursor(decodeCursor(text)));
  }

  rewind(text: string): void {
    this.turnedBack();
    this.reader.rewindTo(decodeCursor(text));
  }

  async pull(maxEvents: number, waitMs = 0): Promise<number> {
    const pulled = await this.reader.pull({ maxEvents, maxBytes: 1e6, waitMs });
    const events = pulled.items.filter((item): item is EventItem => item.kind === 'event');
    for (const { place, cursor } of events) {
      const { partition, offset } = place;
      if (offset <= this.reached[partition]!) throw new Error(`${partition}/${offset} came again`);
      this.reached[partition] = offset;
      this.handedOut.add(`${partition}/${offset}`);
      const named = decodeCursor(cursor).positions.find((each) => each.partition === partition);
      if (named!.offset <= offset) throw new Error(`${cursor} stands before ${offset}`);
    }
    this.emitted.push(...pulled.items.map(({ cursor }) => cursor), pulled.cursor);
    return pulled.items.length;
  }

  /** Pulls until a gap was told. */
  async waitForGap(): Promise<void> {
    this.turnedBack();
    const told = this.gaps.length + 1;
    while (this.gaps.length < told) await this.pull(1, 20);
    await this.pull(1, 20);
  }

  /** Matching events that nobody was given although no gap tells of them. */
  missing(): readonly string[] {
    return this.log.flatMap(({ partition, types }) =>
      types.flatMap((type, offset) => {
        const valid = this.filters.findLast(({ from }) => offset >= (from[partition] ?? 0))!;
        const place = `${partition}/${offset}`;
        const matches = (valid.filter as { exact: { type: Type } }).exact.type === type;
        return matches && !this.handedOut.has(place) && !this.inGap(partition, offset)
          ? [place]
          : [];
      }),
    );
  }

  claims(): readonly Claim[] {
    return this.held.map((partition) => ({
      partition,
      epoch: this.epochs[partition]!,
      position: this.committed[partition]!,
    }));
  }

  private turnedBack(): void {
    this.reached.fill(-1);
  }

  private async recordGap(met: MetGap): Promise<number | undefined> {
    await turn();
    if (this.epochs[met.partition] !== met.epoch) return undefined;
    this.gaps.push(met);
    if (met.gap.reason === 'expired') return met.epoch;
    this.committed[met.partition] = { ...met.resumeAt, filterRevision: met.filterRevision };
    return (this.epochs[met.partition] = met.epoch + 1);
  }

  private inGap(partition: number, offset: number): boolean {
    return this.gaps.some(
      ({ partition: of, gap }) => of === partition && gap.from <= offset && offset < gap.to,
    );
  }

  private read(partition: number, offset: number): ReturnType<EventLog['read']> {
    let waiting: AbortSignal | undefined;
    const slices = this.log[partition]!.slices(offset, () => waiting);
    const next = async (options?: { signal?: AbortSignal }): Promise<LogSlice> => {
      waiting = options?.signal;
      const { value } = await slices.next();
      // Also when it was aborted in the last moment: a slice on its way may still arrive.
      return value as LogSlice;
    };
    return { topic: 't', partition, next, close: () => Promise.resolve() };
  }
}

/** Lets so many turns of the event loop go by. */
export const turns = async (count: number): Promise<void> => {
  for (let n = 0; n < count; n += 1) await turn();
};
