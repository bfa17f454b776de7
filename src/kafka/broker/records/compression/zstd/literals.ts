import { broken } from './bits.js';
import { decodeHuffman, type HuffmanTable, readHuffmanTable } from './huffman.js';

const RAW = 0;
const ONE_BYTE = 1;
const TREELESS = 3;
/** Bits of each size, and bytes of the header, by the format of compressed literals. */
const SIZE_BITS = [10, 10, 14, 18] as const;
const HEADER_BYTES = [3, 3, 4, 5] as const;
const JUMP_TABLE_BYTES = 6;

export interface Literals {
  readonly bytes: Uint8Array;
  /** For the next block's literals, which may use it again. */
  readonly table: HuffmanTable | undefined;
  /** Bytes of the section. */
  readonly byteLength: number;
}

/** Reads the literals section of a block (RFC 8878, 3.1.1.3.1). */
export function readLiterals(block: Uint8Array, former: HuffmanTable | undefined): Literals {
  const type = byteAt(block, 0) & 3;
  if (type === RAW || type === ONE_BYTE) return plainLiterals(block, type, former);
  return compressedLiterals(block, type === TREELESS, former);
}

function plainLiterals(
  block: Uint8Array,
  type: number,
  former: HuffmanTable | undefined,
): Literals {
  const first = byteAt(block, 0);
  const format = (first >> 2) & 3;
  let size = first >> 3;
  let start = 1;
  if (format === 1) {
    size = (first >> 4) + (byteAt(block, 1) << 4);
    start = 2;
  } else if (format === 3) {
    size = (first >> 4) + (byteAt(block, 1) << 4) + (byteAt(block, 2) << 12);
    start = 3;
  }
  if (type === ONE_BYTE) {
    const bytes = new Uint8Array(size).fill(byteAt(block, start));
    return { bytes, table: former, byteLength: start + 1 };
  }
  const end = start + size;
  if (end > block.length) throw broken();
  return { bytes: block.subarray(start, end), table: former, byteLength: end };
}

function compressedLiterals(
  block: Uint8Array,
  treeless: boolean,
  former: HuffmanTable | undefined,
): Literals {
  const format = (byteAt(block, 0) >> 2) & 3;
  const headerBytes = HEADER_BYTES[format]!;
  const sizeBits = SIZE_BITS[format]!;
  let header = 0;
  for (let i = 0; i < headerBytes; i++) header += byteAt(block, i) * 2 ** (8 * i);
  const size = Math.floor(header / 16) % 2 ** sizeBits;
  const compressed = Math.floor(header / 2 ** (4 + sizeBits));
  const end = headerBytes + compressed;
  if (end > block.length) throw broken();
  let streams = block.subarray(headerBytes, end);
  let table = former;
  if (!treeless) {
    const described = readHuffmanTable(streams);
    table = described.table;
    streams = streams.subarray(described.byteLength);
  }
  if (table === undefined) throw broken();
  const bytes = new Uint8Array(size);
  if (format === 0) decodeHuffman(table, streams, bytes);
  else decodeFour(table, streams, bytes);
  return { bytes, table, byteLength: end };
}

/** Four streams, each of which makes a quarter; the lengths of three come first. */
function decodeFour(table: HuffmanTable, streams: Uint8Array, out: Uint8Array): void {
  if (streams.length < JUMP_TABLE_BYTES) throw broken();
  const quarter = (out.length + 3) >> 2;
  let start = JUMP_TABLE_BYTES;
  for (let i = 0; i < 4; i++) {
    const isLast = i === 3;
    const length = streams[2 * i]! + (streams[2 * i + 1]! << 8);
    const end = isLast ? streams.length : start + length;
    if (end > streams.length || start > end || quarter * 3 > out.length) throw broken();
    const part = out.subarray(i * quarter, isLast ? out.length : (i + 1) * quarter);
    decodeHuffman(table, streams.subarray(start, end), part);
    start = end;
  }
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw broken();
  return byte;
}
