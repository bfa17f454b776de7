import { CorruptRecords } from '../records.errors.js';
import { Output } from './output.js';

const FRAME_MAGIC = 0x184d2204;
const MIN_MATCH = 4;

/**
 * Decompresses an LZ4 frame (lz4_Frame_format.md). Checksums of the frame are skipped: the batch
 * has its own.
 * @throws CorruptRecords when the bytes are not such a frame or grow beyond `maxBytes`
 */
export function lz4Decompress(bytes: Buffer, maxBytes: number): Buffer {
  if (bytes.length < 7 || bytes.readUInt32LE(0) !== FRAME_MAGIC) throw broken();
  const flags = bytes[4]!;
  const blockChecksum = (flags & 0x10) !== 0;
  let at = 7 + ((flags & 0x08) !== 0 ? 8 : 0) + ((flags & 0x01) !== 0 ? 4 : 0);
  const out = new Output(maxBytes, 'lz4');
  for (;;) {
    if (at + 4 > bytes.length) throw broken();
    const word = bytes.readUInt32LE(at);
    at += 4;
    if (word === 0) return out.finish();
    const size = word & 0x7fffffff;
    if (at + size > bytes.length) throw broken();
    const block = bytes.subarray(at, at + size);
    if (word >>> 31 === 1) out.literal(block, 0, size);
    else lz4Block(block, out);
    at += size + (blockChecksum ? 4 : 0);
  }
}

/** One block (lz4_Block_format.md); matches may reach into earlier blocks of the frame. */
function lz4Block(block: Buffer, out: Output): void {
  let at = 0;
  const length = (start: number): number => {
    let total = start;
    if (start !== 15) return total;
    for (;;) {
      const byte = block[at++];
      if (byte === undefined) throw broken();
      total += byte;
      if (byte !== 255) return total;
    }
  };
  while (at < block.length) {
    const token = block[at++]!;
    const literals = length(token >> 4);
    if (at + literals > block.length) throw broken();
    out.literal(block, at, at + literals);
    at += literals;
    if (at === block.length) return;
    if (at + 2 > block.length) throw broken();
    const distance = block.readUInt16LE(at);
    at += 2;
    out.match(distance, length(token & 15) + MIN_MATCH);
  }
}

function broken(): CorruptRecords {
  return new CorruptRecords('the lz4 data is damaged');
}
