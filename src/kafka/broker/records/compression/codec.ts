import * as zlib from 'node:zlib';
import { UnsupportedCompression } from '../records.errors.js';
import { lz4Decompress } from './lz4.js';
import { snappyDecompress } from './snappy.js';
import { zstdDecompress } from './zstd/zstd.js';

/** Codec ids of a batch's attributes. */
export const CODEC = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;

/** A batch may not grow beyond this when decompressed: a guard against bombs. */
export const MAX_DECOMPRESSED_BYTES = 256 * 1024 * 1024;
/** Producers bound their batches before they compress them: theirs never come near these. */
const MIN_BOUND_BYTES = 64 * 1024 * 1024;
const GROWTH = 16;

/** What a client's batch may grow to where batches of so many bytes are taken. */
export function maxDecompressedBytes(maxMessageBytes: number): number {
  return Math.min(MAX_DECOMPRESSED_BYTES, Math.max(MIN_BOUND_BYTES, GROWTH * maxMessageBytes));
}

type ZstdDecompress = (bytes: Uint8Array, options: { maxOutputLength: number }) => Buffer;

/** Node has zstd from 22.15 on, which is faster than ours. */
const nativeZstdDecompress = (zlib as { zstdDecompressSync?: ZstdDecompress }).zstdDecompressSync;

/**
 * The records' bytes behind a codec.
 * @throws UnsupportedCompression for unknown ids, CorruptRecords for what is no such codec's or grows
 * beyond `maxBytes`; zlib's errors
 */
export function decompress(codec: number, bytes: Buffer, maxBytes: number): Buffer {
  switch (codec) {
    case CODEC.none:
      return bytes;
    case CODEC.gzip:
      return zlib.gunzipSync(bytes, { maxOutputLength: maxBytes });
    case CODEC.snappy:
      return snappyDecompress(bytes, maxBytes);
    case CODEC.lz4:
      return lz4Decompress(bytes, maxBytes);
    case CODEC.zstd:
      return nativeZstdDecompress === undefined
        ? zstdDecompress(bytes, maxBytes)
        : nativeZstdDecompress(bytes, { maxOutputLength: maxBytes });
    default:
      throw new UnsupportedCompression(`unknown compression codec ${codec}`);
  }
}

/**
 * Compresses records; only none and gzip can be written.
 * @throws UnsupportedCompression for the others
 */
export function compress(codec: number, bytes: Buffer): Buffer {
  if (codec === CODEC.none) return bytes;
  if (codec === CODEC.gzip) return zlib.gzipSync(bytes, { level: zlib.constants.Z_BEST_SPEED });
  throw new UnsupportedCompression(`cannot write compression codec ${codec}`);
}
