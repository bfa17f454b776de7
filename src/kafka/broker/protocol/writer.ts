import { writeLong } from '../records/batch-header.js';

const FIRST_CHUNK = 512;
/** Byte fields from this length on are linked into the response instead of copied. */
const LINK_FROM = 4096;

/**
 * Writes Kafka's primitive types, big-endian, into a list of buffers. Record batches are linked,
 * not copied: the list goes to the socket in one writev.
 */
export class Writer {
  private readonly done: Buffer[] = [];
  private doneLength = 0;
  private chunk = Buffer.allocUnsafe(FIRST_CHUNK);
  private offset = 0;

  /** Bytes written so far. */
  get length(): number {
    return this.doneLength + this.offset;
  }

  private reserve(length: number): number {
    if (this.offset + length > this.chunk.length) {
      this.seal();
      this.chunk = Buffer.allocUnsafe(Math.max(length, this.chunk.length * 2, FIRST_CHUNK));
    }
    const at = this.offset;
    this.offset += length;
    return at;
  }

  private seal(): void {
    if (this.offset === 0) return;
    this.done.push(this.chunk.subarray(0, this.offset));
    this.doneLength += this.offset;
    this.chunk = this.chunk.subarray(this.offset);
    this.offset = 0;
  }

  bool(value: boolean): void {
    this.int8(value ? 1 : 0);
  }

  int8(value: number): void {
    const at = this.reserve(1);
    this.chunk.writeInt8(value, at);
  }

  int16(value: number): void {
    const at = this.reserve(2);
    this.chunk.writeInt16BE(value, at);
  }

  uint16(value: number): void {
    const at = this.reserve(2);
    this.chunk.writeUInt16BE(value, at);
  }

  int32(value: number): void {
    const at = this.reserve(4);
    this.chunk.writeInt32BE(value, at);
  }

  /** Exact up to 2^53 in either direction; what is out of bounds becomes the bound. */
  int64(value: number): void {
    const at = this.reserve(8);
    writeLong(this.chunk, value, at);
  }

  float64(value: number): void {
    const at = this.reserve(8);
    this.chunk.writeDoubleBE(value, at);
  }

  unsignedVarint(value: number): void {
    let rest = value >>> 0;
    while (rest > 0x7f) {
      const at = this.reserve(1);
      this.chunk[at] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    const at = this.reserve(1);
    this.chunk[at] = rest;
  }

  utf8(value: string, byteLength: number): void {
    const at = this.reserve(byteLength);
    this.chunk.write(value, at, byteLength, 'utf8');
  }

  /** Adds bytes; long ones are linked and must not change until they are sent. */
  raw(bytes: Buffer): void {
    if (bytes.length < LINK_FROM) {
      const at = this.reserve(bytes.length);
      bytes.copy(this.chunk, at);
      return;
    }
    this.seal();
    this.done.push(bytes);
    this.doneLength += bytes.length;
  }

  /** Adds what another writer holds. */
  append(other: Writer): void {
    for (const buffer of other.finish()) this.raw(buffer);
  }

  /** Everything written, in order. The writer must not be used afterwards. */
  finish(): readonly Buffer[] {
    this.seal();
    return this.done;
  }
}
