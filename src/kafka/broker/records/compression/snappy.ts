import { CorruptRecords } from '../records.errors.js';

/** Magic of snappy-java's block stream, which Java clients write. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16;

/**
 * Decompresses snappy as Kafka clients write it: raw, or in xerial's framing.
 * @throws CorruptRecords when the bytes are not snappy or grow beyond `maxBytes`
 */
export function snappyDecompress(bytes: Buffer, maxBytes: number): Buffer {
  if (!bytes.subarray(0, 8).equals(XERIAL_MAGIC)) return snappyBlock(bytes, maxBytes);
  const blocks: Buffer[] = [];
  let total = 0;
  let at = XERIAL_HEADER_BYTES;
  while (at < bytes.length) {
    if (at + 4 > bytes.length) throw new CorruptRecords('a snappy block length is cut off');
    const length = bytes.readInt32BE(at);
    at += 4;
    if (length < 0 || at + length > bytes.length)
      throw new CorruptRecords('a snappy block is cut off');
    const block = snappyBlock(bytes.subarray(at, at + length), maxBytes - total);
    blocks.push(block);
    total += block.length;
    at += length;
  }
  return Buffer.concat(blocks, total);
}

/** One raw block (google/snappy format_description.txt). */
function snappyBlock(bytes: Buffer, maxBytes: number): Buffer {
  const { value: length, next } = uvarint(bytes);
  if (length > maxBytes) throw new CorruptRecords(`snappy block of ${length} bytes is too large`);
  const out = Buffer.allocUnsafe(length);
  let to = 0;
  let at = next;
  while (at < bytes.length) {
    const tag = bytes[at]!;
    if ((tag & 3) === 0) {
      const { size, data } = literalAt(bytes, at);
      if (data + size > bytes.length || to + size > length) throw broken();
      bytes.copy(out, to, data, data + size);
      to += size;
      at = data + size;
    } else {
      const { size, distance, after } = copyAt(bytes, at);
      if (distance === 0 || distance > to || to + size > length) throw broken();
      for (let end = to + size; to < end; to++) out[to] = out[to - distance]!;
      at = after;
    }
  }
  if (to !== length) throw broken();
  return out;
}

function literalAt(bytes: Buffer, at: number): { size: number; data: number } {
  const code = bytes[at]! >> 2;
  if (code < 60) return { size: code + 1, data: at + 1 };
  const extra = code - 59;
  if (at + 1 + extra > bytes.length) throw broken();
  return { size: bytes.readUIntLE(at + 1, extra) + 1, data: at + 1 + extra };
}

function copyAt(bytes: Buffer, at: number): { size: number; distance: number; after: number } {
  const tag = bytes[at]!;
  const extra = (tag & 3) === 1 ? 1 : (tag & 3) === 2 ? 2 : 4;
  if (at + 1 + extra > bytes.length) throw broken();
  const raw = bytes.readUIntLE(at + 1, extra);
  const after = at + 1 + extra;
  if (extra === 1) return { size: ((tag >> 2) & 7) + 4, distance: ((tag >> 5) << 8) | raw, after };
  return { size: (tag >> 2) + 1, distance: raw, after };
}

function uvarint(bytes: Buffer): { value: number; next: number } {
  let value = 0;
  for (let at = 0; at < 5; at++) {
    const byte = bytes[at];
    if (byte === undefined) break;
    value += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return { value, next: at + 1 };
  }
  throw broken();
}

function broken(): CorruptRecords {
  return new CorruptRecords('the snappy data is damaged');
}
