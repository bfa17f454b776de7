import { Output } from '../output.js';
import { broken } from './bits.js';
import type { HuffmanTable } from './huffman.js';
import { readLiterals } from './literals.js';
import { RecentOffsets, runSequences, type SequenceTables } from './sequences.js';

const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const;
const RAW = 0;
const ONE_BYTE = 1;
const COMPRESSED = 2;
const CHECKSUM_BYTES = 4;
/** Of the descriptor. */
const RESERVED_BIT = 0x08;
/** Block_Maximum_Size, be the window larger. */
const MAX_BLOCK_BYTES = 128 * 1024;

/**
 * Decompresses Zstandard frames without a dictionary (RFC 8878), for Nodes that have no zstd
 * themselves. Checksums of frames are passed over: the batch has its own.
 * @throws CorruptRecords when the bytes are no such frames or grow beyond `maxBytes`
 */
export function zstdDecompress(bytes: Buffer, maxBytes: number): Buffer {
  const out = new Output(maxBytes, 'zstd');
  let at = 0;
  do at = frameAt(bytes, at, out);
  while (at < bytes.length);
  return out.finish();
}

/** Reads the frame that begins at `start`; gives its end. */
function frameAt(bytes: Buffer, start: number, out: Output): number {
  if (start + 5 > bytes.length) throw broken();
  const magic = bytes.readUInt32LE(start);
  if (magic >>> 4 === SKIPPABLE_MAGIC >>> 4) {
    if (start + 8 > bytes.length) throw broken();
    return within(bytes, start + 8 + bytes.readUInt32LE(start + 4));
  }
  if (magic !== FRAME_MAGIC) throw broken();
  const descriptor = bytes[start + 4]!;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? Number(isSingleSegment) : 1 << sizeFlag;
  const idBytes = DICTIONARY_ID_BYTES[descriptor & 3]!;
  const idAt = start + 5 + Number(!isSingleSegment);
  const blocks = within(bytes, idAt + idBytes + sizeBytes);
  const needsDictionary = idBytes > 0 && bytes.readUIntLE(idAt, idBytes) !== 0;
  if ((descriptor & RESERVED_BIT) !== 0 || needsDictionary) throw broken();
  const end = blocksAt(bytes, blocks, out);
  return within(bytes, end + ((descriptor & 4) !== 0 ? CHECKSUM_BYTES : 0));
}

function within(bytes: Buffer, end: number): number {
  if (end > bytes.length) throw broken();
  return end;
}

/** What the blocks of a frame hand on to each other. */
interface FrameState {
  huffman: HuffmanTable | undefined;
  readonly tables: SequenceTables;
  readonly offsets: RecentOffsets;
}

/** Reads blocks up to the last one; gives its end. */
function blocksAt(bytes: Buffer, start: number, out: Output): number {
  const state: FrameState = { huffman: undefined, tables: {}, offsets: new RecentOffsets() };
  for (let at = start; ;) {
    if (at + 3 > bytes.length) throw broken();
    const header = bytes.readUIntLE(at, 3);
    const type = (header >> 1) & 3;
    const size = header >> 3;
    at += 3;
    const end = at + (type === ONE_BYTE ? 1 : size);
    if (end > bytes.length || size > MAX_BLOCK_BYTES) throw broken();
    if (type === RAW) out.literal(bytes, at, end);
    else if (type === ONE_BYTE) out.repeat(bytes[at]!, size);
    else if (type === COMPRESSED) runBlock(bytes.subarray(at, end), state, out);
    else throw broken();
    if ((header & 1) === 1) return end;
    at = end;
  }
}

function runBlock(block: Uint8Array, state: FrameState, out: Output): void {
  const { bytes, table, byteLength } = readLiterals(block, state.huffman);
  state.huffman = table;
  const { tables, offsets } = state;
  const before = out.size;
  runSequences(block.subarray(byteLength), bytes, { tables, offsets, out });
  if (out.size - before > MAX_BLOCK_BYTES) throw broken();
}
