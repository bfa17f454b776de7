import { type BatchOptions, encodeBatch } from './encode-batch.js';
import { CorruptRecords } from './records.errors.js';
import { recordsOf } from './records.js';

/** How a transaction ended. */
export interface EndMarker {
  readonly outcome: 'commit' | 'abort';
  readonly coordinatorEpoch: number;
}

/** Encodes the marker that ends a transaction on a partition (EndTransactionMarker, version 0). */
export function encodeEndMarker(
  marker: EndMarker,
  batch: BatchOptions & { readonly producerId: number; readonly timestamp: number },
): Buffer {
  const key = Buffer.alloc(4);
  key.writeInt16BE(marker.outcome === 'commit' ? 1 : 0, 2);
  const value = Buffer.alloc(6);
  value.writeInt32BE(marker.coordinatorEpoch, 2);
  return encodeBatch([{ key, value, timestamp: batch.timestamp }], {
    ...batch,
    baseSequence: -1,
    transactional: true,
    control: true,
  });
}

/**
 * Reads a control batch; undefined for kinds that are not about transactions.
 * @throws CorruptRecords when it holds no readable marker
 */
export function parseEndMarker(batch: Buffer): EndMarker | undefined {
  const [record] = recordsOf(batch);
  if (record?.key === undefined || record.key === null || record.key.length < 4) {
    throw new CorruptRecords('a control batch without a marker');
  }
  const type = record.key.readInt16BE(2);
  if (type !== 0 && type !== 1) return undefined;
  if (record.value === null || record.value.length < 6) {
    throw new CorruptRecords('a transaction marker without a coordinator epoch');
  }
  return {
    outcome: type === 1 ? 'commit' : 'abort',
    coordinatorEpoch: record.value.readInt32BE(2),
  };
}
