import { type BatchView } from '../records/batches.js';
import { type FileLease, type PooledFile } from './file-pool.js';
import { OffsetIndex } from './offset-index.js';
import { segmentPath } from './segment-files.js';
import { type StorageRuntime } from './storage-runtime.js';
import { LogStorageFailed } from './storage.errors.js';
import { TimeIndex } from './time-index.js';
import { walkBatches } from './batch-walk.js';

/** Bytes of log between two index entries. */
const INDEX_INTERVAL_BYTES = 4096;

/** What the checkpoint remembers of a segment, so that opening reads no file. */
export interface SegmentFacts {
  readonly baseOffset: number;
  readonly sizeBytes: number;
  /** Largest record time, -1 without records. */
  readonly maxTimestamp: number;
  /** Last offset of the batch that has it. */
  readonly maxTimestampOffset: number;
  /** The broker's time at the first append, Unix ms. */
  readonly createdAt: number;
}

/** One file of batches with its indexes, which are loaded or rebuilt when they are first needed. */
export class Segment {
  readonly baseOffset: number;
  sizeBytes: number;
  maxTimestamp: number;
  maxTimestampOffset: number;
  createdAt: number;
  private readonly file: PooledFile;
  private indexes: { readonly offsets: OffsetIndex; readonly times: TimeIndex } | undefined;
  private sinceIndexEntry = 0;
  private unstored = false;
  /** A failed write may have left bytes behind the end. */
  private dirtyEnd = false;

  constructor(
    readonly directory: string,
    facts: SegmentFacts,
    private readonly runtime: StorageRuntime,
  ) {
    this.baseOffset = facts.baseOffset;
    this.sizeBytes = facts.sizeBytes;
    this.maxTimestamp = facts.maxTimestamp;
    this.maxTimestampOffset = facts.maxTimestampOffset;
    this.createdAt = facts.createdAt;
    this.file = runtime.pool.file(segmentPath(directory, facts.baseOffset, 'log'));
  }

  /** Makes the file of a new, empty segment. */
  static create(
    directory: string,
    baseOffset: number,
    now: number,
    runtime: StorageRuntime,
  ): Segment {
    const facts = {
      baseOffset,
      sizeBytes: 0,
      maxTimestamp: -1,
      maxTimestampOffset: -1,
      createdAt: now,
    };
    const segment = new Segment(directory, facts, runtime);
    runtime.files.truncate(segment.file.use(true), 0);
    segment.indexes = { offsets: new OffsetIndex(), times: new TimeIndex() };
    return segment;
  }

  get facts(): SegmentFacts {
    const { baseOffset, sizeBytes, maxTimestamp, maxTimestampOffset, createdAt } = this;
    return { baseOffset, sizeBytes, maxTimestamp, maxTimestampOffset, createdAt };
  }

  get hasIndexes(): boolean {
    return this.indexes !== undefined;
  }

  lease(): FileLease {
    return this.file.lease();
  }

  /**
   * Writes placed batches at the end. The indexes must be loaded.
   * @throws LogStorageFailed when the disk refuses; nothing is kept then
   */
  append(bytes: Buffer, batches: readonly BatchView[]): void {
    const start = this.sizeBytes;
    try {
      if (this.dirtyEnd) this.cutFile(start);
      this.dirtyEnd = true;
      this.runtime.files.write(this.file.use(), bytes, start);
      this.dirtyEnd = false;
    } catch (error) {
      this.cutAfterFailure(start);
      throw new LogStorageFailed('the log could not be written', { cause: error });
    }
    for (const batch of batches) this.note(batch, start + batch.position);
  }

  /** Takes a batch that lies at the position into size, times and indexes. */
  note({ header }: BatchView, position: number): void {
    const { offsets, times } = this.loaded();
    if (this.sinceIndexEntry >= INDEX_INTERVAL_BYTES) {
      offsets.add(header.baseOffset - this.baseOffset, position);
      times.add(this.maxTimestamp, header.baseOffset - this.baseOffset);
      this.sinceIndexEntry = 0;
      this.unstored = true;
    }
    this.sinceIndexEntry += header.sizeBytes;
    this.sizeBytes = position + header.sizeBytes;
    if (header.maxTimestamp > this.maxTimestamp) {
      this.maxTimestamp = header.maxTimestamp;
      this.maxTimestampOffset = header.lastOffset;
    }
  }

  /** A position at or before the batch with the offset. The indexes must be loaded. */
  positionFor(offset: number): number {
    return this.loaded().offsets.positionFor(offset - this.baseOffset);
  }

  /** An offset before which every record is earlier than the time. The indexes must be loaded. */
  offsetBefore(timestamp: number): number {
    return this.baseOffset + this.loaded().times.offsetBefore(timestamp);
  }

  /** Batches from the position (a batch's begin) to the end. The file stays open meanwhile. */
  async *batches(from = 0, to = this.sizeBytes): AsyncGenerator<BatchView> {
    const lease = this.lease();
    try {
      yield* walkBatches(this.runtime.files, lease.fd, from, to);
    } finally {
      lease.release();
    }
  }

  /** Loads the indexes, or rebuilds what is missing, damaged or not of this file. */
  async loadIndexes(): Promise<void> {
    if (this.indexes !== undefined) return;
    if (this.sizeBytes === 0) return this.startIndexes();
    if (this.loadStoredIndexes(this.sizeBytes)) return;
    const rebuilt = new Segment(this.directory, { ...this.facts, sizeBytes: 0 }, this.runtime);
    rebuilt.startIndexes();
    for await (const batch of this.batches()) rebuilt.note(batch, batch.position);
    this.indexes ??= rebuilt.loaded();
    this.unstored = true;
  }

  /**
   * Takes the stored indexes as far as they speak of the first `size` bytes and of records before
   * `endOffset`; false if damaged.
   */
  loadStoredIndexes(size: number, endOffset?: number): boolean {
    const { files } = this.runtime;
    const offsets = new OffsetIndex();
    const times = new TimeIndex();
    if (!offsets.load(files.load(this.path('index')))) return false;
    if (!times.load(files.load(this.path('timeindex')))) return false;
    offsets.truncate(size);
    if (endOffset !== undefined) times.truncate(endOffset - this.baseOffset);
    this.indexes = { offsets, times };
    return true;
  }

  /** Begins with empty indexes, for a walk from the first byte. */
  startIndexes(): void {
    this.indexes = { offsets: new OffsetIndex(), times: new TimeIndex() };
    this.unstored = true;
    this.sinceIndexEntry = 0;
    this.sizeBytes = 0;
    this.maxTimestamp = -1;
    this.maxTimestampOffset = -1;
  }

  /** Writes the indexes' files where they changed. */
  storeIndexes(): void {
    if (this.indexes === undefined || !this.unstored) return;
    this.unstored = false;
    const { files } = this.runtime;
    files.store(this.path('index'), this.indexes.offsets.serialize());
    files.store(this.path('timeindex'), this.indexes.times.serialize());
  }

  /** Frees the indexes' memory where the files have them; the next use loads them again. */
  unloadIndexes(): void {
    if (!this.unstored) this.indexes = undefined;
  }

  /** fdatasync. */
  async sync(): Promise<void> {
    const lease = this.lease();
    try {
      await this.runtime.files.sync(lease.fd);
    } finally {
      lease.release();
    }
  }

  /** Cuts the file, and its indexes are built anew from what is left. */
  async truncate(size: number): Promise<void> {
    this.cutFile(size);
    this.forgetStoredIndexes();
    this.startIndexes();
    for await (const batch of this.batches(0, size)) this.note(batch, batch.position);
  }

  /** Cuts the file only. */
  cutFile(size: number): void {
    this.runtime.files.truncate(this.file.use(), size);
    this.dirtyEnd = false;
  }

  /** Removes the indexes' files, which may speak of records that were cut off. */
  forgetStoredIndexes(): void {
    this.runtime.files.remove(this.path('index'));
    this.runtime.files.remove(this.path('timeindex'));
    this.unstored = true;
  }

  /** Lets go of the file; readers that hold it may finish. */
  close(): void {
    this.file.abandon();
  }

  /** Removes the files; readers that hold the log file may finish. */
  remove(): void {
    this.close();
    for (const kind of ['log', 'index', 'timeindex'] as const) {
      this.runtime.files.remove(this.path(kind));
    }
  }

  private path(kind: 'log' | 'index' | 'timeindex'): string {
    return segmentPath(this.directory, this.baseOffset, kind);
  }

  /** When even this fails, the next append cuts first. */
  private cutAfterFailure(size: number): void {
    try {
      this.cutFile(size);
    } catch {
      this.dirtyEnd = true;
    }
  }

  private loaded(): { readonly offsets: OffsetIndex; readonly times: TimeIndex } {
    if (this.indexes === undefined) throw new LogStorageFailed('the indexes are not loaded');
    return this.indexes;
  }
}
