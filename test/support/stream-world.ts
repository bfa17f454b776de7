/** A world around one stream reader, in memory: log, leases, commits, filters, gaps. */
import { setImmediate as turn } from 'node:timers/promises';

import type {
  FilterRevision,
  SubscriptionState,
} from '../../src/kafka/contracts/subscriptions.contracts.js';
import type { EventLog, LogSlice } from '../../src/kafka/log/event-log.js';
import { decodeCursor } from '../../src/modules/streams/domain/cursor.js';
import type { JudgedPosition } from '../../src/delivery/core/position.js';
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
import { FakePartition, SLICE_RECORDS, type Partition, type Type } from './fake-partition.js';

export const PARTITIONS: readonly Partition[] = [0, 1];
const limits = { ...defaultStreamLimits, maxSliceRecords: SLICE_RECORDS };
const filterOf = (type: Type) => ({ exact: { type } });

/** Everything around one reader: what the log, Postgres and other processes hold. */
export class World {
  readonly log = PARTITIONS.map((partition) => new FakePartition(partition));
  readonly epochs = [1, 1];
  readonly committed: (JudgedPosition | null)[] = [null, null];
  readonly gaps: MetGap[] = [];
  /** Places of events that reached the client, and when first: the number of the cursor. */
  readonly handedOut = new Map<string, number>();
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
    return {
      ...fixed,
      ...life,
      kind: 'stream',
      tenant: null,
      webhook: null,
      start: {},
      filters,
      createdAt: at,
    };
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

  /** The client comes back with a cursor. */
  resume(text: string): void {
    this.reader.end('closed');
    this.standAt(text);
    this.reader = this.open(startAtCursor(decodeCursor(text)));
  }

  /** The client polls on with a cursor. */
  rewind(text: string): void {
    this.standAt(text);
    this.turnedBack();
    this.reader.rewindTo(decodeCursor(text));
  }

  /** Another reader has a partition for a moment, unnoticed by this one. */
  interrupt(partition: Partition): void {
    if (this.held.includes(partition)) this.epochs[partition]! += 2;
    this.share(this.held);
  }

  async pull(maxEvents: number, waitMs = 0): Promise<number> {
    const pulled = await this.reader.pull({ maxEvents, maxBytes: 1e6, waitMs });
    for (const item of pulled.items) {
      if (item.kind === 'event') this.receive(item);
      this.emitted.push(item.cursor);
    }
    this.emitted.push(pulled.cursor);
    return pulled.items.length;
  }

  /** Pulls until a gap was told. */
  async waitForGap(): Promise<void> {
    this.turnedBack();
    const told = this.gaps.length + 1;
    while (this.gaps.length < told) await this.pull(1, 20);
    await this.pull(1, 20);
  }

  /** Pulls until the cursor stands at the end of the log, filtered events included; commits it. */
  async readToEnd(): Promise<void> {
    for (let tries = 0; tries < 200; tries += 1) {
      await turns(2);
      await this.pull(100);
      const { positions } = decodeCursor(this.reader.cursor);
      if (positions.every(({ partition, offset }) => offset === this.log[partition]!.types.length))
        break;
    }
    this.commit(this.reader.cursor);
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

  private receive({ place: { partition, offset }, cursor }: EventItem): void {
    if (offset <= this.reached[partition]!) throw new Error(`${partition}/${offset} came again`);
    this.reached[partition] = offset;
    const place = `${partition}/${offset}`;
    if (!this.handedOut.has(place)) this.handedOut.set(place, this.emitted.length);
    const named = decodeCursor(cursor).positions.find((each) => each.partition === partition);
    if (named!.offset <= offset) throw new Error(`${cursor} stands before ${offset}`);
  }

  /** What was handed out behind a cursor did not reach the client, unless it committed it. */
  private standAt(text: string): void {
    this.emitted.splice(this.emitted.lastIndexOf(text) + 1);
    for (const [place, at] of this.handedOut) {
      const [partition, offset] = place.split('/').map(Number) as [number, number];
      const committed = this.committed[partition]?.offset ?? 0;
      if (at >= this.emitted.length && offset >= committed) this.handedOut.delete(place);
    }
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
