import { CorruptRecords } from '../records.errors.js';

/** Decompressed bytes, growing up to a bound. */
export class Output {
  private bytes = Buffer.allocUnsafe(64 * 1024);
  private length = 0;

  constructor(
    private readonly maxBytes: number,
    private readonly format: string,
  ) {}

  /** Bytes so far. */
  get size(): number {
    return this.length;
  }

  /** Appends bytes as they are. */
  literal(from: Uint8Array, start: number, end: number): void {
    this.room(end - start);
    this.bytes.set(from.subarray(start, end), this.length);
    this.length += end - start;
  }

  /** Appends one byte so many times. */
  repeat(byte: number, size: number): void {
    this.room(size);
    this.bytes.fill(byte, this.length, this.length + size);
    this.length += size;
  }

  /** Appends what is so far behind, and may reach into what it appends. */
  match(distance: number, size: number): void {
    if (distance <= 0 || distance > this.length) {
      throw new CorruptRecords(`the ${this.format} data is damaged`);
    }
    this.room(size);
    const { bytes } = this;
    for (let end = this.length + size; this.length < end; this.length++) {
      bytes[this.length] = bytes[this.length - distance]!;
    }
  }

  finish(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  private room(more: number): void {
    const needed = this.length + more;
    if (needed > this.maxBytes) throw new CorruptRecords(`${this.format} data is too large`);
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, needed));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
}
