import { type BatchView } from '../records/batches.js';
import { type FileLease, type PooledFile } from './file-pool.js';
import { type SegmentFacts } from './segment-facts.js';
import { segmentPath } from './segment-files.js';
import { SegmentIndexes } from './segment-indexes.js';
import { type StorageRuntime } from './storage-runtime.js';
import { LogStorageFailed } from './storage.errors.js';
import { walkBatches } from './batch-walk.js';

/** One file of batches with its indexes, which are loaded or rebuilt when they are first needed. */
export class Segment {
  readonly baseOffset: number;
  sizeBytes: number;
  maxTimestamp: number;
  maxTimestampOffset: number;
  createdAt: number;
  private readonly file: PooledFile;
  private indexes: SegmentIndexes | undefined;
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
    segment.indexes = new SegmentIndexes();
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
    const { baseOffset, sizeBytes } = header;
    this.loaded().note(baseOffset - this.baseOffset, position, sizeBytes, this.maxTimestamp);
    this.sizeBytes = position + sizeBytes;
    if (header.maxTimestamp > this.maxTimestamp) {
      this.maxTimestamp = header.maxTimestamp;
      this.maxTimestampOffset = header.lastOffset;
    }
  }

  /** A position at or before the batch with the offset. The indexes must be loaded. */
  positionFor(offset: number): number {
    return this.loaded().positionFor(offset - this.baseOffset);
  }

  /** An offset before which every record is earlier than the time. The indexes must be loaded. */
  offsetBefore(timestamp: number): number {
    return this.baseOffset + this.loaded().offsetBefore(timestamp);
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
  }

  /**
   * Takes the stored indexes as far as they speak of the first `size` bytes and of records before
   * `endOffset`; false if damaged.
   */
  loadStoredIndexes(size: number, endOffset?: number): boolean {
    const indexes = SegmentIndexes.load(this.runtime.files, this.directory, this.baseOffset);
    indexes?.truncate(size, (endOffset ?? Infinity) - this.baseOffset);
    this.indexes = indexes;
    return indexes !== undefined;
  }

  /** Begins with empty indexes, for a walk from the first byte. */
  startIndexes(): void {
    this.indexes = new SegmentIndexes();
    this.indexes.markUnstored();
    this.sizeBytes = 0;
    this.maxTimestamp = -1;
    this.maxTimestampOffset = -1;
  }

  /** Writes the indexes' files where they changed. */
  storeIndexes(): void {
    this.indexes?.store(this.runtime.files, this.directory, this.baseOffset);
  }

  /** Frees the indexes' memory where the files have them; the next use loads them again. */
  unloadIndexes(): void {
    if (this.indexes?.isStored) this.indexes = undefined;
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

  /** Removes what a failed write may have left behind the end. */
  cutDirtyEnd(): void {
    if (this.dirtyEnd) this.cutFile(this.sizeBytes);
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
    this.indexes?.markUnstored();
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

  private loaded(): SegmentIndexes {
    if (this.indexes === undefined) throw new LogStorageFailed('the indexes are not loaded');
    return this.indexes;
  }
}
