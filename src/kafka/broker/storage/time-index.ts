import { readLong, writeLong } from '../records/batch-header.js';
import { SparseIndex } from './sparse-index.js';

const ENTRY_BYTES = 12;

/**
 * Sparse map from times to offsets of a segment. An entry (time, offset) says: no record before
 * this offset has a later time. Times only grow from entry to entry.
 */
export class TimeIndex extends SparseIndex {
  constructor() {
    super(ENTRY_BYTES);
  }

  /** Notes that records before the relative offset have at most this time (Unix ms). */
  add(maxTimestamp: number, relativeOffset: number): void {
    if (this.count > 0) {
      const last = (this.count - 1) * ENTRY_BYTES;
      const lastTime = readLong(this.bytes, last);
      if (lastTime > maxTimestamp) return;
      if (lastTime === maxTimestamp) {
        this.bytes.writeUInt32BE(relativeOffset, last + 8);
        return;
      }
    }
    const at = this.grow();
    writeLong(this.bytes, maxTimestamp, at);
    this.bytes.writeUInt32BE(relativeOffset, at + 8);
  }

  /** Relative offset before which every record is earlier than the time. */
  offsetBefore(timestamp: number): number {
    const entry = this.lastWhere((at) => readLong(this.bytes, at) < timestamp);
    return entry < 0 ? 0 : this.bytes.readUInt32BE(entry * ENTRY_BYTES + 8);
  }

  /** Forgets what speaks of records past the relative offset. */
  truncate(relativeOffset: number): void {
    this.count = this.lastWhere((at) => this.bytes.readUInt32BE(at + 8) <= relativeOffset) + 1;
  }
}
