/** Long because it is one partition with all the ways of losing one's place in it. */
import { setTimeout as pause } from 'node:timers/promises';

import { cutBelow } from '../../../kafka/log/cut-below.js';
import type {
  EventLog,
  LogRecord,
  LogSlice,
  PartitionReader,
} from '../../../kafka/log/event-log.js';
import { LogOffsetOutOfRange, LogTopicGone } from '../../../kafka/log/log.errors.js';
import {
  isSamePosition,
  type Gap,
  type LogState,
  type Position,
  type Reconciled,
} from '../../../delivery/core/position.js';

const FIRST_BACK_OFF_MS = 100;
const LONGEST_BACK_OFF_MS = 2_000;

/** What a source tells and asks its reader. */
export interface SourceOwner {
  /** A slice has come. */
  onReady(): void;
  /** Reading failed and is tried again; told once until it succeeds. */
  onFailure(partition: number, error: unknown): void;
  /**
   * The position is not in the log. Records what was lost; rejects, to be asked again, while that
   * cannot be recorded.
   * @param log undefined: the topic of this id is gone
   * @returns where to go on; undefined when the partition is not the reader's any more
   */
  onLost(source: PartitionSource, log: LogState | undefined): Promise<Reconciled | undefined>;
  /** A gap was recorded, and the position stands behind it. */
  onGap(partition: number, gap: Gap): void;
}

/** How a source reads. */
export interface SourceOptions {
  readonly topic: string;
  readonly partition: number;
  readonly maxBytes: number;
  readonly maxRecords: number;
}

/**
 * One leased partition of a reader: holds at most one slice, and fetches the next when that one is
 * used up. Failures are tried again for as long as the lease is held.
 */
export class PartitionSource {
  /** Next offset to hand out. */
  position: Position;
  /** The end of the log as last seen; tells how far a topic reached that was deleted since. */
  knownEnd = 0;
  private records: readonly LogRecord[] = [];
  private index = 0;
  private slice: LogSlice | undefined;
  private reader: PartitionReader | undefined;
  private fetching = false;
  private closed = false;
  private currentEpoch: number;
  /** Leader epoch of the newest batch that was passed; -1: unknown. */
  private leaderEpoch = -1;
  private origin: Position;
  /** Cursors of earlier epochs may name offsets that were cut off since. */
  private cutAt = 0;
  /** Aborted when reading goes on elsewhere, so that an answer from the former place is dropped. */
  private turn = new AbortController();

  constructor(
    private readonly log: EventLog,
    private readonly options: SourceOptions,
    epoch: number,
    initial: Position,
    private readonly owner: SourceOwner,
  ) {
    this.currentEpoch = epoch;
    this.origin = initial;
    this.position = initial;
  }

  /** Epoch of the lease; raised when the log was cut or made again. */
  get epoch(): number {
    return this.currentEpoch;
  }

  get partition(): number {
    return this.options.partition;
  }

  /** The next record without taking it; undefined when the next slice is still to come. */
  peek(): LogRecord | undefined {
    return this.records[this.index];
  }

  /** Takes the next record; the position moves past it. */
  take(): LogRecord {
    const record = this.records[this.index]!;
    this.index += 1;
    this.moveTo(record.offset + 1);
    if (this.index === this.records.length) this.finishSlice();
    return record;
  }

  /** Fetches, unless a slice is there or on its way. */
  demand(): void {
    if (this.fetching || this.slice !== undefined || this.closed) return;
    this.fetching = true;
    void this.fetch().finally(() => {
      // Told only now: who takes the slice at once must be able to demand the next one.
      this.fetching = false;
      this.owner.onReady();
    });
  }

  /** Goes on elsewhere; what was fetched is dropped. */
  async seek(position: Position): Promise<void> {
    if (position.topicId !== this.position.topicId) this.leaderEpoch = -1;
    this.position = position;
    this.turn.abort();
    this.turn = new AbortController();
    this.dropSlice();
    await this.forgetReader();
  }

  /**
   * Goes back to where a client stands by a cursor; to where the reader began in this partition
   * when the cursor does not name it. Below a cut of the log offsets still mean the same events.
   * @param at what the cursor says of this partition in the topic as it is now
   */
  rewind(at: { readonly offset: number; readonly epoch: number } | undefined): void {
    const { topicId, offset: origin } = this.origin;
    const named =
      at === undefined || at.epoch >= this.cutAt ? at?.offset : Math.min(at.offset, origin);
    const offset = named ?? origin;
    if (offset !== this.position.offset) void this.seek({ topicId, offset });
  }

  /**
   * From now on offsets from `position` on mean other events than under the epoch before; the
   * source does not stay beyond it, or a cursor would name such an offset under the new epoch.
   */
  rebase(position: Position, epoch: number): void {
    this.origin = position;
    this.currentEpoch = epoch;
    this.cutAt = epoch;
    const { topicId, offset } = this.position;
    const below = topicId === position.topicId && offset < position.offset;
    void this.seek(below ? this.position : position);
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.seek(this.position);
  }

  private async fetch(): Promise<void> {
    let backOff = FIRST_BACK_OFF_MS;
    while (!this.closed && this.slice === undefined) {
      const { signal } = this.turn;
      try {
        await this.fetchOnce(signal);
        backOff = FIRST_BACK_OFF_MS;
      } catch (error) {
        if (signal.aborted) continue;
        if (backOff === FIRST_BACK_OFF_MS) this.owner.onFailure(this.partition, error);
        await pause(backOff, undefined, { signal }).catch(() => undefined);
        backOff = Math.min(2 * backOff, LONGEST_BACK_OFF_MS);
      }
    }
  }

  private async fetchOnce(signal: AbortSignal): Promise<void> {
    this.reader ??= this.open();
    let taken = false;
    try {
      const slice = await this.reader.next({ signal });
      taken = true;
      const { leaderEpoch, position } = this;
      const read = { ...this.options, offset: position.offset, leaderEpoch };
      const cut = await cutBelow(this.log.admin, read, slice);
      if (cut !== undefined) throw cut;
      if (!signal.aborted) this.accept(slice);
    } catch (error) {
      // The reader stands behind a slice that was not accepted.
      if (taken) await this.forgetReader();
      const lost = this.lossOf(error);
      if (lost === undefined || signal.aborted) throw error;
      const recovered = await this.owner.onLost(this, lost.log);
      if (recovered !== undefined) await this.goOn(recovered, signal, error);
    }
  }

  private async goOn(
    { position, gap }: Reconciled,
    signal: AbortSignal,
    error: unknown,
  ): Promise<void> {
    const moved = !isSamePosition(position, this.position);
    // Whoever sought elsewhere meanwhile goes on there, and meets from there what is lost.
    if (moved && !signal.aborted) await this.seek(position);
    if (gap !== undefined) this.owner.onGap(this.partition, gap);
    if (moved || signal.aborted) return;
    // It is there after all: asked again, after a pause, by a reader that has not failed.
    await this.forgetReader();
    throw error;
  }

  private async forgetReader(): Promise<void> {
    const former = this.reader;
    this.reader = undefined;
    await former?.close();
  }

  private lossOf(error: unknown): { readonly log: LogState | undefined } | undefined {
    if (error instanceof LogTopicGone) return { log: undefined };
    if (!(error instanceof LogOffsetOutOfRange)) return undefined;
    return { log: { topicId: this.position.topicId, ...error.bounds } };
  }

  private open(): PartitionReader {
    const { topic, partition, maxBytes, maxRecords } = this.options;
    const { topicId, offset } = this.position;
    return this.log.read({ topic, partition, offset, topicId, maxBytes, maxRecords });
  }

  private accept(slice: LogSlice): void {
    this.knownEnd = slice.endOffset;
    this.leaderEpoch = Math.max(this.leaderEpoch, slice.leaderEpoch);
    this.slice = slice;
    this.records = slice.records;
    this.index = 0;
    if (slice.records.length === 0) this.finishSlice();
  }

  /** Offsets are not dense: the position moves past what is not there. */
  private finishSlice(): void {
    this.moveTo(this.slice!.nextOffset);
    this.dropSlice();
  }

  private moveTo(offset: number): void {
    this.position = { topicId: this.position.topicId, offset };
  }

  private dropSlice(): void {
    this.slice = undefined;
    this.records = [];
    this.index = 0;
  }
}
