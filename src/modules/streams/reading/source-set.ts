import type { LogRecord } from '../../../kafka/log/event-log.js';
import type { SubscriptionState } from '../../../kafka/contracts/subscriptions.contracts.js';
import { encodePosition, type Cursor } from '../domain/cursor.js';
import { rejudgedOffset } from '../../../delivery/core/subscription-matcher.js';
import type { PartitionSource } from './partition-source.js';

/** After so many records other work of the process gets its turn. */
const SCAN_AT_ONCE = 2_000;
/** What an event weighs besides its payload. */
const EVENT_OVERHEAD_BYTES = 400;

/** How much may be taken. */
export interface Room {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

/** The partitions that a reader holds, merged into one stream in which none waits for long. */
export class SourceSet {
  private readonly sources = new Map<number, PartitionSource>();
  private turn = 0;

  get size(): number {
    return this.sources.size;
  }

  get partitions(): readonly number[] {
    return [...this.sources.keys()].sort((one, other) => one - other);
  }

  has(partition: number): boolean {
    return this.sources.has(partition);
  }

  [Symbol.iterator](): IterableIterator<PartitionSource> {
    return this.sources.values();
  }

  add(source: PartitionSource): void {
    this.sources.set(source.partition, source);
  }

  drop(source: PartitionSource): void {
    this.sources.delete(source.partition);
    void source.close();
  }

  dropAll(): void {
    for (const source of this.sources.values()) this.drop(source);
  }

  /** Goes back to where a cursor stands: what was handed out since is handed out again. */
  rewindTo(cursor: Cursor, subscription: SubscriptionState): void {
    const { topicId, filterRevision } = cursor;
    const named = new Map(cursor.positions.map((position) => [position.partition, position]));
    for (const source of this.sources.values())
      source.rewind(topicId === source.position.topicId ? named.get(source.partition) : undefined);
    this.rejudge(subscription, filterRevision);
  }

  /** Goes back to what newer filters than the given one apply to. */
  rejudge(subscription: SubscriptionState, filterRevision: number): void {
    for (const source of this.sources.values()) {
      const { partition, position } = source;
      const offset = rejudgedOffset(subscription, partition, { ...position, filterRevision });
      if (offset < position.offset) void source.seek({ topicId: position.topicId, offset });
    }
  }

  /** Positions in one incarnation of the topic, as parts of a cursor. */
  positionsIn(topicId: string): string {
    let text = '';
    for (const { partition, position, epoch } of this.sources.values()) {
      if (position.topicId !== topicId) continue;
      const part = encodePosition({ partition, offset: position.offset, epoch });
      text = text === '' ? part : `${text}~${part}`;
    }
    return text;
  }

  /**
   * Takes the records that are there, as far as there is room, and has the next ones fetched.
   * @param use called right after each record is taken, so that positions stand behind it; answers
   *   whether the record takes room
   * @returns whether there may be more
   */
  take(room: Room, use: (record: LogRecord) => boolean): boolean {
    let { maxEvents: events, maxBytes: bytes } = room;
    let scans = SCAN_AT_ONCE;
    for (const source of this.inTurn())
      for (; events > 0 && bytes > 0 && scans > 0 && source.peek() !== undefined; scans -= 1) {
        const record = source.take();
        if (!use(record)) continue;
        events -= 1;
        bytes -= (record.value?.length ?? 0) + EVENT_OVERHEAD_BYTES;
      }
    for (const source of this.sources.values()) source.demand();
    return scans === 0;
  }

  /** Begins with another source each time, so that none waits behind a busy one. */
  private inTurn(): readonly PartitionSource[] {
    const all = [...this.sources.values()];
    this.turn = all.length === 0 ? 0 : (this.turn + 1) % all.length;
    return [...all.slice(this.turn), ...all.slice(0, this.turn)];
  }
}
