import { crc32c } from '@node-rs/crc32';
import { compressionsAlgorithmsByBitmask } from '@platformatic/kafka';

import type { LogRecord, RecordHeader } from '../event-log.js';
import { LogUnreadable } from '../log.errors.js';
import { BATCH_PREFIX_BYTES, batchAttributes, batchLayout } from './batch-layout.js';
import { FieldCursor } from './field-cursor.js';

/** A batch's header fields and its records' bytes, not yet decoded. */
export interface RawBatch {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly leaderEpoch: number;
  readonly attributes: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly producerId: bigint;
  readonly recordCount: number;
  readonly records: Buffer;
}

const readBatch = (bytes: Buffer): RawBatch => {
  const magic = bytes.readInt8(batchLayout.magic);
  if (magic !== 2) throw new LogUnreadable(`A record batch has the old format ${magic}.`);
  const crc = crc32c(bytes.subarray(batchLayout.attributes));
  if (crc !== bytes.readUInt32BE(batchLayout.crc)) {
    throw new LogUnreadable('A record batch does not match its checksum.');
  }
  const baseOffset = Number(bytes.readBigInt64BE(batchLayout.baseOffset));
  return {
    baseOffset,
    lastOffset: baseOffset + bytes.readInt32BE(batchLayout.lastOffsetDelta),
    leaderEpoch: bytes.readInt32BE(batchLayout.partitionLeaderEpoch),
    attributes: bytes.readInt16BE(batchLayout.attributes),
    baseTimestamp: Number(bytes.readBigInt64BE(batchLayout.baseTimestamp)),
    maxTimestamp: Number(bytes.readBigInt64BE(batchLayout.maxTimestamp)),
    producerId: bytes.readBigInt64BE(batchLayout.producerId),
    recordCount: bytes.readInt32BE(batchLayout.recordCount),
    records: bytes.subarray(batchLayout.records),
  };
};

/**
 * The whole batches in a fetch answer; a batch that the answer cuts off at its end is left out.
 * @throws LogUnreadable when a batch is damaged
 */
export const splitBatches = (bytes: Buffer): RawBatch[] => {
  const batches: RawBatch[] = [];
  let position = 0;
  while (bytes.length - position >= batchLayout.records) {
    const length = bytes.readInt32BE(position + batchLayout.batchLength) + BATCH_PREFIX_BYTES;
    if (length < batchLayout.records) throw new LogUnreadable('A record batch has no length.');
    if (position + length > bytes.length) break;
    batches.push(readBatch(bytes.subarray(position, position + length)));
    position += length;
  }
  return batches;
};

const decompressed = (batch: RawBatch): Buffer => {
  const codec = batch.attributes & batchAttributes.codecMask;
  if (codec === 0) return batch.records;
  const algorithm = compressionsAlgorithmsByBitmask[codec];
  if (algorithm === undefined || !algorithm.available) {
    throw new LogUnreadable(`A record batch uses codec ${codec}, which this Node.js cannot read.`);
  }
  try {
    return algorithm.decompressSync(batch.records);
  } catch (error) {
    throw new LogUnreadable('A record batch cannot be decompressed.', {}, { cause: error });
  }
};

const readHeaders = (cursor: FieldCursor): readonly RecordHeader[] => {
  const count = cursor.varint();
  const headers: RecordHeader[] = [];
  for (let index = 0; index < count; index += 1) {
    const name = cursor.bytes(cursor.varint());
    const value = cursor.bytes(cursor.varint());
    headers.push({ name: name?.toString('utf8') ?? '', value: value ?? Buffer.alloc(0) });
  }
  return headers;
};

const readRecord = (
  cursor: FieldCursor,
  batch: RawBatch,
  topic: string,
  partition: number,
): LogRecord => {
  const end = cursor.varint() + cursor.position;
  cursor.byte(); // attributes: none are defined
  const timestampDelta = cursor.varlong();
  const offset = batch.baseOffset + cursor.varint();
  const key = cursor.bytes(cursor.varint());
  const value = cursor.bytes(cursor.varint());
  const headers = readHeaders(cursor);
  cursor.position = end;
  const timestamp =
    (batch.attributes & batchAttributes.logAppendTime) === 0
      ? batch.baseTimestamp + timestampDelta
      : batch.maxTimestamp;
  const { leaderEpoch } = batch;
  return { topic, partition, offset, timestamp, leaderEpoch, key, value, headers };
};

/**
 * A batch's records in order. Keys and values are views into the answer's bytes.
 * @throws LogUnreadable when the batch is damaged or its codec is not at hand
 */
export const decodeRecords = (batch: RawBatch, topic: string, partition: number): LogRecord[] => {
  const cursor = new FieldCursor(decompressed(batch));
  const records: LogRecord[] = [];
  try {
    for (let index = 0; index < batch.recordCount; index += 1) {
      records.push(readRecord(cursor, batch, topic, partition));
    }
  } catch (error) {
    throw new LogUnreadable('A record batch is damaged.', {}, { cause: error });
  }
  return records;
};
