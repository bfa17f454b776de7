import { crc32c } from '../records/crc32c.js';
import { lowerBound } from './lower-bound.js';

/** Fixed-size entries in memory, stored with a CRC-32C behind them: a damaged file is rebuilt. */
export abstract class SparseIndex {
  protected bytes: Buffer = Buffer.alloc(0);
  protected count = 0;

  constructor(private readonly entryBytes: number) {}

  get entries(): number {
    return this.count;
  }

  /** What goes into the file. */
  serialize(): Buffer {
    const used = this.bytes.subarray(0, this.count * this.entryBytes);
    const trailer = Buffer.alloc(4);
    trailer.writeUInt32BE(crc32c(used));
    return Buffer.concat([used, trailer]);
  }

  /** Takes over a file's content; false, and nothing taken, when it is damaged. */
  load(file: Buffer | undefined): boolean {
    if (file === undefined || file.length < 4) return false;
    const entries = file.subarray(0, -4);
    if (entries.length % this.entryBytes !== 0) return false;
    if (crc32c(entries) !== file.readUInt32BE(entries.length)) return false;
    this.bytes = entries;
    this.count = entries.length / this.entryBytes;
    return true;
  }

  /** Position in memory of a new entry. */
  protected grow(): number {
    const at = this.count * this.entryBytes;
    if (at + this.entryBytes > this.bytes.length) {
      const larger = Buffer.alloc(Math.max(this.bytes.length * 2, this.entryBytes * 8));
      this.bytes.copy(larger, 0, 0, at);
      this.bytes = larger;
    }
    this.count++;
    return at;
  }

  /** Index of the last entry that fits, entries being in order; -1 when none does. */
  protected lastWhere(fits: (entryAt: number) => boolean): number {
    return lowerBound(this.count, (entry) => !fits(entry * this.entryBytes)) - 1;
  }
}
