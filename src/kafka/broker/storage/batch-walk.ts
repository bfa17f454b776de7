import { BATCH_HEADER_BYTES, batchSizeAt, parseBatchHeader } from '../records/batch-header.js';
import { type BatchView } from '../records/batches.js';
import { type Files } from './files.js';

const CHUNK_BYTES = 1024 * 1024;

/**
 * The batches of a file between two positions, read in large pieces. Ends at the first place where
 * no whole batch of format v2 can begin; checksums are the caller's. `position` is the file's.
 */
export async function* walkBatches(
  files: Files,
  fd: number,
  from: number,
  to: number,
): AsyncGenerator<BatchView> {
  let start = from;
  while (to - start >= BATCH_HEADER_BYTES) {
    let chunk = await readChunk(files, fd, start, Math.min(CHUNK_BYTES, to - start));
    if (chunk.length < BATCH_HEADER_BYTES) return;
    const first = batchSizeAt(chunk, 0);
    if (first < BATCH_HEADER_BYTES || start + first > to) return;
    if (first > chunk.length) chunk = await readChunk(files, fd, start, first);
    let at = 0;
    for (;;) {
      const batch = batchAt(chunk, at, start);
      if (batch === 'bad') return;
      if (batch === undefined) break;
      yield batch;
      at += batch.bytes.length;
    }
    if (at === 0) return;
    start += at;
  }
}

/** The batch at `at`; undefined when the chunk does not hold it whole. */
function batchAt(chunk: Buffer, at: number, start: number): BatchView | 'bad' | undefined {
  if (chunk.length - at < BATCH_HEADER_BYTES) return undefined;
  const size = batchSizeAt(chunk, at);
  if (size < BATCH_HEADER_BYTES) return 'bad';
  if (chunk.length - at < size) return undefined;
  const header = parseBatchHeader(chunk, at);
  if (header.magic !== 2) return 'bad';
  return { header, position: start + at, bytes: chunk.subarray(at, at + size) };
}

async function readChunk(files: Files, fd: number, at: number, size: number): Promise<Buffer> {
  const chunk = Buffer.allocUnsafe(size);
  const count = await files.read(fd, chunk, at);
  return chunk.subarray(0, count);
}
