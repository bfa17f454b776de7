import { batchAttributes } from '../protocol/batch-layout.js';
import { splitBatches, type BatchRecord, type RawBatch } from '../protocol/decode-batches.js';
import type { FetchResult } from '../protocol/fetch.js';
import { committedRecords } from '../protocol/read-committed.js';
import type { Chunk } from './chunk-cache.js';

/** Objects around a record's and a chunk's bytes, about. */
const RECORD_OVERHEAD_BYTES = 200;
const CHUNK_OVERHEAD_BYTES = 400;

/** Unpacked records are views into buffers of their own, much larger than what was fetched. */
const keptBytes = (
  { records: fetched }: FetchResult,
  batches: readonly RawBatch[],
  records: readonly BatchRecord[],
): number => {
  let bytes = fetched.length + records.length * RECORD_OVERHEAD_BYTES + CHUNK_OVERHEAD_BYTES;
  const packed = batches.some(({ attributes }) => (attributes & batchAttributes.codecMask) !== 0);
  if (packed) for (const record of records) bytes += record.bytes;
  return bytes;
};

/**
 * A fetch answer's readable records as a chunk that begins at `from`; it ends where the last batch
 * does, so that markers, aborted and compacted records are passed over.
 * @throws LogUnreadable
 */
export const chunkOf = (
  result: FetchResult,
  at: { readonly topic: string; readonly partition: number; readonly from: number },
): Chunk => {
  const batches = splitBatches(result.records);
  const records = committedRecords(batches, result.aborted, at);
  const last = batches.at(-1);
  return {
    from: at.from,
    next: last === undefined ? at.from : Math.max(at.from, last.lastOffset + 1),
    records,
    leaderEpoch: last?.leaderEpoch ?? -1,
    bytes: keptBytes(result, batches, records),
  };
};
