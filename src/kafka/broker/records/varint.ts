import { CorruptRecords } from './records.errors.js';

/** Reads zigzag varints and length-prefixed bytes from a buffer, front to back. */
export class VarintReader {
  constructor(
    private readonly bytes: Buffer,
    public position = 0,
  ) {}

  get remaining(): number {
    return this.bytes.length - this.position;
  }

  /** A zigzag varint of at most 32 bits. @throws CorruptRecords past the end or when too long */
  varint(): number {
    let raw = 0;
    for (let shift = 0; shift <= 28; shift += 7) {
      const byte = this.byte();
      raw |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (raw >>> 1) ^ -(raw & 1);
    }
    throw new CorruptRecords('a varint is longer than 5 bytes');
  }

  /** A zigzag varint of at most 64 bits, as a number (exact up to 2^53). */
  varlong(): number {
    let low = 0;
    let scale = 1;
    for (let count = 0; count < 4; count++) {
      const byte = this.byte();
      low += (byte & 0x7f) * scale;
      if (byte < 0x80) return unzigzag(low);
      scale *= 128;
    }
    return this.longTail(BigInt(low));
  }

  /** A slice, not a copy. */
  take(length: number): Buffer {
    const from = this.position;
    this.skip(length);
    return this.bytes.subarray(from, this.position);
  }

  /** Passes over bytes. @throws CorruptRecords past the end */
  skip(length: number): void {
    if (length < 0 || length > this.remaining)
      throw new CorruptRecords('a field ends past its record');
    this.position += length;
  }

  /** Passes over bytes behind a varint length. @returns the length; -1 is null */
  skipNullableBytes(): number {
    const length = this.varint();
    if (length !== -1) this.skip(length);
    return length;
  }

  /** Bytes behind a varint length; -1 is null. */
  nullableBytes(): Buffer | null {
    const length = this.varint();
    return length === -1 ? null : this.take(length);
  }

  private longTail(start: bigint): number {
    let raw = start;
    for (let shift = 28n; shift <= 63n; shift += 7n) {
      const byte = this.byte();
      raw |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number((raw >> 1n) ^ -(raw & 1n));
    }
    throw new CorruptRecords('a varlong is longer than 10 bytes');
  }

  private byte(): number {
    const byte = this.bytes[this.position++];
    if (byte === undefined) throw new CorruptRecords('a varint ends past the buffer');
    return byte;
  }
}

function unzigzag(raw: number): number {
  return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
}

/** Writes zigzag varints into a buffer that grows. */
export class VarintWriter {
  private bytes = Buffer.allocUnsafe(256);
  private length = 0;

  varint(value: number): void {
    this.varlong(value);
  }

  varlong(value: number): void {
    let raw = value < 0 ? -BigInt(value) * 2n - 1n : BigInt(value) * 2n;
    this.room(10);
    while (raw > 0x7fn) {
      this.bytes[this.length++] = Number(raw & 0x7fn) | 0x80;
      raw >>= 7n;
    }
    this.bytes[this.length++] = Number(raw);
  }

  byte(value: number): void {
    this.room(1);
    this.bytes[this.length++] = value;
  }

  raw(value: Uint8Array): void {
    this.room(value.length);
    this.bytes.set(value, this.length);
    this.length += value.length;
  }

  nullableBytes(value: Uint8Array | null): void {
    this.varint(value === null ? -1 : value.length);
    if (value !== null) this.raw(value);
  }

  /** What was written; the writer must not be used afterwards. */
  finish(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  private room(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + more));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
}
