/** Reads varints and other fields one after the other; throws RangeError past the end. */
export class FieldCursor {
  constructor(
    readonly source: Buffer,
    public position = 0,
  ) {}

  /** A signed varint that fits 32 bits. */
  varint(): number {
    const raw = this.unsignedVarint();
    return (raw >>> 1) ^ -(raw & 1);
  }

  /** A varint of up to 64 bits as a number (exact up to 2^53). */
  varlong(): number {
    let raw = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      raw |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number((raw >> 1n) ^ -(raw & 1n));
    }
    throw new RangeError('A variable-length integer is too long.');
  }

  /** An unsigned varint of 32 bits. */
  unsignedVarint(): number {
    let raw = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      raw |= (byte & 0x7f) << shift;
      if (byte < 0x80) return raw >>> 0;
    }
    throw new RangeError('A variable-length integer is too long.');
  }

  /** The next `length` bytes, a view; null for a negative length. */
  bytes(length: number): Buffer | null {
    if (length < 0) return null;
    const end = this.position + length;
    if (end > this.source.length) throw new RangeError('A field ends outside its record.');
    const view = this.source.subarray(this.position, end);
    this.position = end;
    return view;
  }

  /** Passes over a field of that length; a negative one has no bytes. */
  skip(length: number): void {
    if (length <= 0) return;
    const end = this.position + length;
    if (end > this.source.length) throw new RangeError('A field ends outside its record.');
    this.position = end;
  }

  /** The next `length` bytes as text; empty for a negative length. */
  utf8(length: number): string {
    const start = this.position;
    this.skip(length);
    return this.source.toString('utf8', start, this.position);
  }

  int8(): number {
    return this.source.readInt8(this.advance(1));
  }

  int16(): number {
    return this.source.readInt16BE(this.advance(2));
  }

  int32(): number {
    return this.source.readInt32BE(this.advance(4));
  }

  int64(): bigint {
    return this.source.readBigInt64BE(this.advance(8));
  }

  /** A 64-bit integer as a number (exact up to 2^53). */
  offset(): number {
    return Number(this.int64());
  }

  /** A 16-byte id as lower-case hex with dashes. */
  uuid(): string {
    const hex = this.source.toString('hex', this.advance(16), this.position);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  /** A string with a 16-bit length. */
  text(): string {
    return this.bytes(this.int16())?.toString('utf8') ?? '';
  }

  /** A string with a varint length, as flexible versions write it. */
  compactText(): string {
    return this.bytes(this.unsignedVarint() - 1)?.toString('utf8') ?? '';
  }

  /** An array's items, its count in 32 bits. */
  array<T>(item: () => T): T[] {
    return this.items(this.int32(), item);
  }

  /** An array's items, its count as flexible versions write it. */
  compactArray<T>(item: () => T): T[] {
    return this.items(this.unsignedVarint() - 1, item);
  }

  /** Passes over the tagged fields of a flexible structure. */
  skipTags(): void {
    const count = this.unsignedVarint();
    for (let index = 0; index < count; index += 1) {
      this.unsignedVarint();
      this.bytes(this.unsignedVarint());
    }
  }

  /** The next byte, unsigned. */
  byte(): number {
    const byte = this.source[this.position];
    if (byte === undefined) throw new RangeError('A record ends early.');
    this.position += 1;
    return byte;
  }

  private items<T>(count: number, item: () => T): T[] {
    const items: T[] = [];
    for (let index = 0; index < count; index += 1) items.push(item());
    return items;
  }

  private advance(length: number): number {
    const start = this.position;
    this.position += length;
    return start;
  }
}
