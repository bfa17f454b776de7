import { CorruptRecords } from '../../records.errors.js';

export function broken(): CorruptRecords {
  return new CorruptRecords('the zstd data is damaged');
}

/** Position of the highest bit that is set; `value` is positive. */
export function highestBit(value: number): number {
  return 31 - Math.clz32(value);
}

/** `count` bits from bit `at` of the bytes on, the least significant first. */
function bitsAt(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let taken = 0; taken < count;) {
    const from = (at + taken) & 7;
    const take = Math.min(8 - from, count - taken);
    value += ((bytes[(at + taken) >> 3]! >> from) & ((1 << take) - 1)) * 2 ** taken;
    taken += take;
  }
  return value;
}

/** Reads bits from the first to the last (RFC 8878, 4.1.1). */
export class ForwardBits {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  read(count: number): number {
    const value = this.peek(count);
    this.at += count;
    return value;
  }

  /** Bits after the end are zero here; `skip` refuses them. */
  peek(count: number): number {
    return bitsAt(this.bytes, this.at, count);
  }

  skip(count: number): void {
    this.at += count;
    if (this.at > this.bytes.length * 8) throw broken();
  }

  /** Bytes that were begun. */
  get byteLength(): number {
    return (this.at + 7) >> 3;
  }
}

/** Reads bits from the last to the first; the highest bit that is set marks the end (4.1.2). */
export class BackwardBits {
  /** Bits that are left; negative: so many zeros were read beyond the start. */
  left: number;

  constructor(private readonly bytes: Uint8Array) {
    const last = bytes.at(-1);
    if (!last) throw broken();
    this.left = (bytes.length - 1) * 8 + highestBit(last);
  }

  read(count: number): number {
    this.left -= count;
    if (this.left >= 0) return bitsAt(this.bytes, this.left, count);
    const there = count + this.left;
    return there > 0 ? bitsAt(this.bytes, 0, there) * 2 ** -this.left : 0;
  }
}
