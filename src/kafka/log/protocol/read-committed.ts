import { batchAttributes } from './batch-layout.js';
import { decodeRecords, type BatchRecord, type RawBatch } from './decode-batches.js';

/** A transaction that was aborted, as a fetch answer names it. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: number;
}

const ABORT_MARKER = 0;

const isAbortMarker = (batch: RawBatch): boolean => {
  const marker = decodeRecords(batch, '', 0)[0];
  return marker?.key?.readInt16BE(2) === ABORT_MARKER;
};

/**
 * The records that READ_COMMITTED shows: no control records, none of an aborted transaction, none
 * before `from`. What is left out leaves no gap to fill: offsets are not dense.
 */
export const committedRecords = (
  batches: readonly RawBatch[],
  aborted: readonly AbortedTransaction[],
  at: { readonly topic: string; readonly partition: number; readonly from: number },
): BatchRecord[] => {
  const waiting = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset);
  const aborting = new Set<bigint>();
  const records: BatchRecord[] = [];
  for (const batch of batches) {
    while (waiting[0] !== undefined && waiting[0].firstOffset <= batch.lastOffset) {
      const begun = waiting.shift();
      if (begun !== undefined) aborting.add(begun.producerId);
    }
    if ((batch.attributes & batchAttributes.control) !== 0) {
      if (aborting.has(batch.producerId) && isAbortMarker(batch)) aborting.delete(batch.producerId);
      continue;
    }
    const transactional = (batch.attributes & batchAttributes.transactional) !== 0;
    if (transactional && aborting.has(batch.producerId)) continue;
    for (const record of decodeRecords(batch, at.topic, at.partition)) {
      if (record.offset >= at.from) records.push(record);
    }
  }
  return records;
};
