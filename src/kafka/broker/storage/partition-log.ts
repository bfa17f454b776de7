/**
 * Long because it is the whole outside of the storage, each method with its contract; what they do
 * lies in the files around it.
 */
import { endOffsetOf } from '../records/batches.js';
import { Appender } from './appender.js';
import { writeCheckpoint } from './checkpoint.js';
import { EpochCheckpoint } from './epoch-checkpoint.js';
import { type Cleaning } from './cleaning.js';
import { applyRetention, cleanLog } from './log-cleaner.js';
import { LogDurability } from './log-durability.js';
import { LogReader } from './log-reader.js';
import { type LogState } from './log-state.js';
import {
  type AppendOptions,
  type AppendResult,
  type CleanResult,
  type CommittedRead,
  type EpochEnd,
  type OffsetAtTime,
  type PartitionLogOptions,
  type ProducerDescription,
  type ReadOptions,
} from './log-types.js';
import { recover } from './recovery.js';
import { SegmentList } from './segment-list.js';
import { type Segment } from './segment.js';
import { Serial } from '../concurrency/serial.js';
import { LogClosed, OffsetOutOfRange } from './storage.errors.js';
import { StorageRuntime } from './storage-runtime.js';
import { UnreadBytes } from './unread-bytes.js';

/** Told the bytes that may be read from now on; at last, that the log is closed. */
export type AppendListener = (bytes: number, isClosed: boolean) => void;

/** Written bytes after which a checkpoint spares recovery from walking them. */
const CHECKPOINT_BYTES = 64 * 1024 * 1024;

/**
 * One partition's record batches in segment files, with offset and time indexes, as in Apache
 * Kafka's log. Appends are ordered; reads go on beside them and beside cleaning.
 */
export class PartitionLog {
  private readonly appender: Appender;
  private readonly reader: LogReader;
  private readonly durability: LogDurability;
  /** Checkpoints, cleaning and cutting, one after the other. */
  private readonly maintenance = new Serial();
  private readonly listeners = new Set<AppendListener>();
  private readonly unread = new UnreadBytes();
  private bytesSinceCheckpoint = 0;
  /** Where the log begins by what is stored. */
  private keptStart: number;
  private closed = false;

  private constructor(
    private readonly state: LogState,
    { fsync, fsyncIntervalMs = 1_000 }: PartitionLogOptions,
  ) {
    this.appender = new Appender(state, (segment) => this.onRoll(segment));
    this.reader = new LogReader(state);
    this.keptStart = state.startOffset;
    const { maintenance } = this;
    const onReadable = (): void => this.notify();
    this.durability = new LogDurability(state, { fsync, fsyncIntervalMs, maintenance, onReadable });
  }

  /**
   * Opens or makes the log. After a crash it is cut at the first damaged batch.
   * @throws what the file system throws when the directory cannot be used
   */
  static async open(options: PartitionLogOptions): Promise<PartitionLog> {
    const { directory, config, leaderEpoch } = options;
    const runtime = options.runtime ?? new StorageRuntime();
    const clock = options.clock ?? Date.now;
    const { files } = runtime;
    const epochs = new EpochCheckpoint(directory, files);
    const mayBeCompacted = config().cleanupPolicy !== 'delete';
    const recovered = await recover({
      directory,
      runtime,
      epochs,
      leaderEpoch,
      clock,
      mayBeCompacted,
    });
    const state: LogState = {
      directory,
      runtime,
      clock,
      config,
      leaderEpoch,
      epochs,
      segments: new SegmentList(recovered.segments),
      tail: runtime.tails.tail(),
      startOffset: recovered.startOffset,
      endOffset: recovered.endOffset,
      history: recovered.history,
      transactionFile: recovered.transactionFile,
      compactions: recovered.compactions,
      cleanedTo: recovered.cleanedTo,
    };
    const log = new PartitionLog(state, options);
    for (const segment of recovered.changed ? recovered.segments : []) {
      log.durability.changed(segment);
    }
    if (recovered.changed) await log.maintenance.run(() => log.checkpointIfPossible());
    return log;
  }

  /** First offset that the log still holds. */
  get startOffset(): number {
    return this.state.startOffset;
  }

  /** Log end: the offset that the next record gets. */
  get endOffset(): number {
    return this.state.endOffset;
  }

  /** First offset that may not be read yet: under `always` the durable end, else the log end. */
  get highWatermark(): number {
    return this.durability.highWatermark;
  }

  /** First offset of the earliest open transaction, else the high watermark. */
  get lastStableOffset(): number {
    return this.state.history.lastStableOffset(this.highWatermark);
  }

  /** The epoch stamped on batches written now. */
  get leaderEpoch(): number {
    return this.state.leaderEpoch;
  }

  /** Nothing can be written or read any more. */
  get isClosed(): boolean {
    return this.closed;
  }

  /** Bytes of all segments, without indexes. */
  get sizeBytes(): number {
    return this.state.segments.sizeBytes;
  }

  /**
   * Appends whole batches in one step. Base offsets, leader epoch and (LogAppendTime) times are
   * patched in place: the buffer belongs to the log from here on. Resolves when the append is as
   * durable as the fsync mode says. A repeat of an idempotent producer gives the first offsets.
   * @throws CorruptRecords, InvalidRecords, MessageTooLarge, OutOfOrderSequence, ProducerFenced,
   * InvalidTransactionState: nothing was written
   * @throws LogStorageFailed: nothing is kept; the same append may succeed later
   */
  async append(batches: Buffer, options: AppendOptions = {}): Promise<AppendResult> {
    this.assertOpen();
    this.durability.assertSound();
    const result = this.appender.append(batches, options);
    if (!result.duplicate) this.onWritten(batches.length);
    await this.durability.acknowledge(result.lastOffset + 1);
    return result;
  }

  /**
   * Whole batches from the one that holds `offset` on, from one segment, at most `maxBytes` but at
   * least one; empty at the high watermark. Do not change the bytes: other readers may share them.
   * @throws OffsetOutOfRange
   */
  read(offset: number, maxBytes: number, options: ReadOptions = {}): Promise<Buffer> {
    return this.readBelow(this.highWatermark, offset, maxBytes, options);
  }

  /** The same up to the last stable offset, with what was aborted among it. @throws OffsetOutOfRange */
  async readCommitted(
    offset: number,
    maxBytes: number,
    options: ReadOptions = {},
  ): Promise<CommittedRead> {
    // From before the read: retention may meanwhile forget what was still read.
    const { search } = this.state.history.aborted;
    const records = await this.readBelow(this.lastStableOffset, offset, maxBytes, options);
    return { records, abortedTransactions: search(offset, endOffsetOf(records, offset)) };
  }

  private async readBelow(
    bound: number,
    offset: number,
    maxBytes: number,
    options: ReadOptions,
  ): Promise<Buffer> {
    this.assertOpen();
    const { startOffset, endOffset } = this.state;
    if (offset < startOffset || offset > endOffset) {
      throw new OffsetOutOfRange(offset, startOffset, endOffset);
    }
    if (offset >= bound) return Buffer.alloc(0);
    return await this.reader.read(offset, bound, maxBytes, options.atLeastOneBatch !== false);
  }

  /** First record with this time (Unix ms) or a later one; looks into batches, compressed or not. */
  offsetForTimestamp(timestamp: number): Promise<OffsetAtTime | undefined> {
    return this.reader.findTimestamp(timestamp, this.highWatermark);
  }

  /** The first record that has the largest time of all. */
  maxTimestamp(): Promise<OffsetAtTime | undefined> {
    return this.reader.maxTimestamp(this.highWatermark);
  }

  /** OffsetForLeaderEpoch: where an epoch ended; undefined for one that is yet to come. */
  epochEnd(epoch: number): EpochEnd | undefined {
    const { epochs, leaderEpoch, endOffset } = this.state;
    return epochs.end(epoch, leaderEpoch, endOffset);
  }

  /** The idempotent producers that the log remembers. */
  producers(): readonly ProducerDescription[] {
    return this.state.history.producers.describe();
  }

  /** One of them, by its id. */
  producer(producerId: number): ProducerDescription | undefined {
    return this.state.history.producers.describeOne(producerId);
  }

  /**
   * Makes `offset` the log's start, for good; whole segments before it are removed by cleaning.
   * @returns the log's start
   * @throws OffsetOutOfRange past the high watermark
   * @throws what the file system throws where the start cannot be kept: it stays where it was
   */
  deleteRecordsBefore(offset: number): Promise<number> {
    return this.maintenance.run(async () => {
      this.assertOpen();
      const { state, highWatermark } = this;
      if (offset < 0 || offset > highWatermark) {
        throw new OffsetOutOfRange(offset, state.startOffset, highWatermark);
      }
      const former = state.startOffset;
      if (offset <= former && this.keptStart >= offset) return former;
      state.startOffset = Math.max(former, offset);
      try {
        await this.checkpoint();
      } catch (error) {
        // What goes as a whole makes room on a full disk, and needs no checkpoint to be gone.
        const cleaned = await applyRetention(this.cleaning(state.clock())).catch(() => undefined);
        if (cleaned !== undefined && cleaned.deleteCount > 0) return state.startOffset;
        state.startOffset = Math.max(former, state.segments.first.baseOffset);
        throw error;
      }
      return state.startOffset;
    });
  }

  /** Cuts everything from `offset` on, and what shares a batch with it. */
  truncate(offset: number): Promise<void> {
    return this.maintenance.run(async () => {
      this.assertOpen();
      await this.durability.cut(offset);
      await this.checkpoint();
    });
  }

  /** Calls the listener each time more may be read, and when the log closes; gives the way to stop. */
  onAppend(listener: AppendListener): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  /** Brings everything written so far to the disk. */
  async flush(): Promise<void> {
    this.assertOpen();
    await this.durability.flush();
  }

  /** One run of retention and compaction at the given time (Unix ms). */
  cleanOnce(now: number = this.state.clock()): Promise<CleanResult> {
    return this.maintenance.run(async () => {
      this.assertOpen();
      try {
        return await cleanLog(this.cleaning(now));
      } finally {
        // Readers loaded them; what nobody appends to writes no checkpoint, which would free them.
        for (const segment of this.state.segments.all.slice(0, -1)) segment.unloadIndexes();
      }
    });
  }

  /** Brings everything to the disk and marks the log as cleanly closed. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.stop();
    await this.maintenance.run(async () => {
      try {
        if (!this.durability.hasFailed) await this.checkpointIfPossible();
      } finally {
        this.release();
      }
    });
  }

  /** Closes the log and removes its directory. */
  async delete(): Promise<void> {
    this.closed = true;
    await this.stop();
    await this.maintenance.run(async () => {
      this.release();
      this.state.runtime.files.removeDirectory(this.state.directory);
    });
  }

  private async stop(): Promise<void> {
    await this.durability.stop();
    for (const listener of this.listeners) listener(0, true);
    this.listeners.clear();
  }

  private cleaning(now: number): Cleaning {
    return {
      state: this.state,
      now,
      highWatermark: this.highWatermark,
      lastStableOffset: this.lastStableOffset,
      durable: this.durability.isWanted,
      roll: () => this.appender.roll(),
      checkpoint: () => this.checkpoint(),
      isClosed: () => this.closed,
    };
  }

  private release(): void {
    this.state.tail.clear();
    this.state.history.producers.clear();
    for (const segment of this.state.segments.all) segment.close();
  }

  private assertOpen(): void {
    if (this.closed) throw new LogClosed('the log is closed');
  }

  private onWritten(bytes: number): void {
    this.unread.wrote(this.state.endOffset, bytes);
    this.durability.appended();
    this.bytesSinceCheckpoint += bytes;
    if (this.bytesSinceCheckpoint >= CHECKPOINT_BYTES) this.checkpointSoon();
  }

  private onRoll(segment: Segment): void {
    this.durability.changed(segment);
    this.checkpointSoon();
  }

  private notify(): void {
    this.state.history.settle(this.highWatermark);
    const bytes = this.unread.readableTo(this.highWatermark);
    for (const listener of this.listeners) listener(bytes, false);
  }

  private checkpointSoon(): void {
    this.bytesSinceCheckpoint = 0;
    this.maintenance
      .run(async () => {
        if (!this.closed && !this.durability.hasFailed) await this.checkpointIfPossible();
      })
      // Not synced, it is synced again: the durability has heard of it.
      .catch(() => undefined);
  }

  /**
   * Without a checkpoint recovery walks more, and the next one may succeed: a full disk neither
   * keeps a log closed nor open. What was written is on the disk all the same, where it is to be.
   */
  private async checkpointIfPossible(): Promise<void> {
    const { durability } = this;
    if (durability.isWanted) await durability.syncNow();
    await this.checkpoint().catch(() => undefined);
  }

  private async checkpoint(): Promise<void> {
    const { durability, state } = this;
    const { startOffset } = state;
    const sync = durability.isWanted ? () => durability.syncNow() : undefined;
    await writeCheckpoint(state, sync);
    this.keptStart = startOffset;
  }
}
