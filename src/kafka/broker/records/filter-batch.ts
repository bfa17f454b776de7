import { type BatchHeader } from './batch-header.js';
import { type BatchView } from './batches.js';
import { CODEC } from './compression/codec.js';
import { assembleBatch } from './encode-batch.js';
import { recordsOf, type BatchRecord } from './records.js';

/**
 * The batch with only the records that are to stay. Base offset, last offset and sequence remain,
 * so that offsets and producers' sequences mean the same; records are copied as they are.
 * @returns the same bytes when all stay, undefined when none does
 */
export function filterBatch(
  batch: BatchView,
  keep: (record: BatchRecord) => boolean,
): Buffer | undefined {
  const kept: BatchRecord[] = [];
  let count = 0;
  for (const record of recordsOf(batch.bytes)) {
    count++;
    if (keep(record)) kept.push(record);
  }
  if (kept.length === count) return batch.bytes;
  if (kept.length === 0) return undefined;
  const records = Buffer.concat(kept.map(({ raw }) => raw));
  return assembleBatch(records, {
    ...batch.header,
    attributes: writableAttributes(batch.header),
    maxTimestamp: Math.max(...kept.map(({ timestamp }) => timestamp)),
    recordCount: kept.length,
  });
}

/** Codecs that we cannot write become none. */
function writableAttributes({ attributes }: BatchHeader): number {
  return (attributes & 0x07) === CODEC.gzip ? attributes : attributes & ~0x07;
}
