import { SparseIndex } from './sparse-index.js';

const ENTRY_BYTES = 8;

/** Sparse map from offsets to file positions of a segment (offsets relative to its base). */
export class OffsetIndex extends SparseIndex {
  constructor() {
    super(ENTRY_BYTES);
  }

  /** Notes that a batch with this relative base offset begins at the position. In order. */
  add(relativeOffset: number, position: number): void {
    const at = this.grow();
    this.bytes.writeUInt32BE(relativeOffset, at);
    this.bytes.writeUInt32BE(position, at + 4);
  }

  /** A position at or before the batch that holds the relative offset. */
  positionFor(relativeOffset: number): number {
    const entry = this.lastWhere((at) => this.bytes.readUInt32BE(at) <= relativeOffset);
    return entry < 0 ? 0 : this.bytes.readUInt32BE(entry * ENTRY_BYTES + 4);
  }

  /** Forgets what points at or past the position. */
  truncate(position: number): void {
    this.count = this.lastWhere((at) => this.bytes.readUInt32BE(at + 4) < position) + 1;
  }
}
