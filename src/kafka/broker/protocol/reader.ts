import { MalformedRequest } from './malformed-request.js';

const TWO_POW_32 = 0x1_0000_0000;
/** Elements of all lists of one request: far more than clients send, few enough to hold. */
const MAX_ELEMENTS = 250_000;

/**
 * Reads Kafka's primitive types from one request, big-endian, with bounds checks. Byte fields are
 * views of the request's memory: whoever keeps one must copy it.
 */
export class Reader {
  private offset = 0;
  private elements = 0;

  constructor(private readonly bytes: Buffer) {}

  get remaining(): number {
    return this.bytes.length - this.offset;
  }

  private advance(length: number): number {
    if (length < 0 || length > this.remaining) {
      throw new MalformedRequest(`needs ${length} bytes where ${this.remaining} are left`);
    }
    const at = this.offset;
    this.offset += length;
    return at;
  }

  /** A list begins. @throws MalformedRequest when the request has too many elements */
  list(length: number): void {
    this.elements += length;
    if (length > this.remaining || this.elements > MAX_ELEMENTS) {
      throw new MalformedRequest(`lists of ${this.elements} elements`);
    }
  }

  bool(): boolean {
    return this.bytes[this.advance(1)] !== 0;
  }

  int8(): number {
    return this.bytes.readInt8(this.advance(1));
  }

  int16(): number {
    return this.bytes.readInt16BE(this.advance(2));
  }

  uint16(): number {
    return this.bytes.readUInt16BE(this.advance(2));
  }

  int32(): number {
    return this.bytes.readInt32BE(this.advance(4));
  }

  /** Exact up to 2^53, which offsets and producer ids never pass. */
  int64(): number {
    const at = this.advance(8);
    return this.bytes.readInt32BE(at) * TWO_POW_32 + this.bytes.readUInt32BE(at + 4);
  }

  float64(): number {
    return this.bytes.readDoubleBE(this.advance(8));
  }

  /** Base-128 number of at most 32 bits, as lengths and tags of flexible versions use it. */
  unsignedVarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.bytes[this.advance(1)] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value >= TWO_POW_32) break;
        return value;
      }
    }
    throw new MalformedRequest('a varint is longer than 32 bits');
  }

  slice(length: number): Buffer {
    const at = this.advance(length);
    return this.bytes.subarray(at, at + length);
  }

  utf8(length: number): string {
    const at = this.advance(length);
    return this.bytes.toString('utf8', at, at + length);
  }

  /** Passes the tagged fields that this version of the grammar does not name. */
  skipTaggedFields(): void {
    for (let count = this.unsignedVarint(); count > 0; count--) {
      this.unsignedVarint();
      this.advance(this.unsignedVarint());
    }
  }
}
