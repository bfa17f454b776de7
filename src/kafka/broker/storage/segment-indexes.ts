import { type Files } from './files.js';
import { OffsetIndex } from './offset-index.js';
import { segmentPath } from './segment-files.js';
import { TimeIndex } from './time-index.js';

/** Bytes of log between two index entries. */
const INDEX_INTERVAL_BYTES = 4096;

/** A segment's sparse indexes in memory, by offset and by time. Offsets are relative to its base. */
export class SegmentIndexes {
  private sinceEntry = 0;
  private unstored = false;

  constructor(
    private readonly offsets = new OffsetIndex(),
    private readonly times = new TimeIndex(),
  ) {}

  /** The stored ones; undefined when a file is missing or damaged. */
  static load(files: Files, directory: string, baseOffset: number): SegmentIndexes | undefined {
    const indexes = new SegmentIndexes();
    const offsets = files.load(segmentPath(directory, baseOffset, 'index'));
    const times = files.load(segmentPath(directory, baseOffset, 'timeindex'));
    if (!indexes.offsets.load(offsets) || !indexes.times.load(times)) return undefined;
    return indexes;
  }

  /** Whether the files have all that is in memory. */
  get isStored(): boolean {
    return !this.unstored;
  }

  /** Takes a batch in: before it, no record is later than `maxTimestamp`. */
  note(offset: number, position: number, sizeBytes: number, maxTimestamp: number): void {
    if (this.sinceEntry >= INDEX_INTERVAL_BYTES) {
      this.offsets.add(offset, position);
      this.times.add(maxTimestamp, offset);
      this.sinceEntry = 0;
      this.unstored = true;
    }
    this.sinceEntry += sizeBytes;
  }

  /** Forgets what speaks of bytes from `size` on, and of records from the offset on. */
  truncate(size: number, offset: number): void {
    const before = this.offsets.entries + this.times.entries;
    this.offsets.truncate(size);
    this.times.truncate(offset);
    if (this.offsets.entries + this.times.entries !== before) this.unstored = true;
  }

  /** A position at or before the batch with the offset. */
  positionFor(offset: number): number {
    return this.offsets.positionFor(offset);
  }

  /** An offset before which every record is earlier than the time. */
  offsetBefore(timestamp: number): number {
    return this.times.offsetBefore(timestamp);
  }

  /** The files speak of something else now, or are gone. */
  markUnstored(): void {
    this.unstored = true;
  }

  /** Writes the files when they are out of date. */
  store(files: Files, directory: string, baseOffset: number): void {
    if (!this.unstored) return;
    files.store(segmentPath(directory, baseOffset, 'index'), this.offsets.serialize());
    files.store(segmentPath(directory, baseOffset, 'timeindex'), this.times.serialize());
    this.unstored = false;
  }
}
