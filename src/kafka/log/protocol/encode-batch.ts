import { crc32c } from '@node-rs/crc32';

import type { OutgoingRecord } from '../event-log.js';
import { BATCH_PREFIX_BYTES, batchLayout } from './batch-layout.js';
import { sizeOfVarint, writeVarint } from './varint.js';

/** Who writes a batch, for Kafka's duplicate check. */
export interface ProducerStamp {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  /** Sequence number of the first record. */
  readonly baseSequence: number;
}

/** Bytes of a batch before its first record. */
export const BATCH_HEADER_BYTES = batchLayout.records;

/** Offset deltas and record lengths are counted at their largest, so a batch never outgrows its sum. */
const FRAME_BYTES = 1 + 1 + 5 + 5;

const sizeOfBytes = (bytes: Buffer | null): number =>
  bytes === null ? 1 : sizeOfVarint(bytes.length) + bytes.length;

const bodySize = (record: OutgoingRecord): number => {
  let size = sizeOfBytes(record.key) + sizeOfBytes(record.value);
  size += sizeOfVarint(record.headers.length);
  for (const { name, value } of record.headers) {
    const nameBytes = Buffer.byteLength(name);
    size += sizeOfVarint(nameBytes) + nameBytes + sizeOfBytes(value);
  }
  return size;
};

/** A record with its `recordSize`, which is computed once. */
export interface SizedRecord {
  readonly record: OutgoingRecord;
  readonly size: number;
}

/** The most bytes that a record takes in a batch. */
export const recordSize = (record: OutgoingRecord): number => FRAME_BYTES + bodySize(record);

const writeBytes = (target: Buffer, bytes: Buffer | null, at: number): number => {
  if (bytes === null) return writeVarint(target, -1, at);
  const start = writeVarint(target, bytes.length, at);
  target.set(bytes, start);
  return start + bytes.length;
};

const writeText = (target: Buffer, text: string, at: number): number => {
  const length = Buffer.byteLength(text);
  const start = writeVarint(target, length, at);
  target.write(text, start, length, 'utf8');
  return start + length;
};

const writeRecord = (
  target: Buffer,
  { record, size }: SizedRecord,
  offsetDelta: number,
  at: number,
): number => {
  const length = 1 + 1 + sizeOfVarint(offsetDelta) + size - FRAME_BYTES;
  let position = writeVarint(target, length, at);
  target[position++] = 0; // attributes: none are defined
  target[position++] = 0; // timestamp delta: all records of a batch carry its time
  position = writeVarint(target, offsetDelta, position);
  position = writeBytes(target, record.key, position);
  position = writeBytes(target, record.value, position);
  position = writeVarint(target, record.headers.length, position);
  for (const header of record.headers) {
    position = writeText(target, header.name, position);
    position = writeBytes(target, header.value, position);
  }
  return position;
};

const writeHeader = (
  batch: Buffer,
  stamp: ProducerStamp,
  count: number,
  timestamp: number,
): void => {
  batch.writeBigInt64BE(0n, batchLayout.baseOffset);
  batch.writeInt32BE(batch.length - BATCH_PREFIX_BYTES, batchLayout.batchLength);
  batch.writeInt32BE(-1, batchLayout.partitionLeaderEpoch);
  batch.writeInt8(2, batchLayout.magic);
  batch.writeInt16BE(0, batchLayout.attributes);
  batch.writeInt32BE(count - 1, batchLayout.lastOffsetDelta);
  batch.writeBigInt64BE(BigInt(timestamp), batchLayout.baseTimestamp);
  batch.writeBigInt64BE(BigInt(timestamp), batchLayout.maxTimestamp);
  batch.writeBigInt64BE(stamp.producerId, batchLayout.producerId);
  batch.writeInt16BE(stamp.producerEpoch, batchLayout.producerEpoch);
  batch.writeInt32BE(stamp.baseSequence, batchLayout.baseSequence);
  batch.writeInt32BE(count, batchLayout.recordCount);
};

/**
 * A record batch, format v2, uncompressed, CreateTime `timestamp` (Unix milliseconds); no longer
 * than BATCH_HEADER_BYTES and the records' sizes.
 */
export const encodeBatch = (
  records: readonly SizedRecord[],
  stamp: ProducerStamp,
  timestamp: number,
): Buffer => {
  let maxBytes: number = BATCH_HEADER_BYTES;
  for (const { size } of records) maxBytes += size;
  const target = Buffer.allocUnsafe(maxBytes);
  let position: number = BATCH_HEADER_BYTES;
  let delta = 0;
  for (const record of records) position = writeRecord(target, record, delta++, position);
  const batch = target.subarray(0, position);
  writeHeader(batch, stamp, records.length, timestamp);
  batch.writeUInt32BE(crc32c(batch.subarray(batchLayout.attributes)), batchLayout.crc);
  return batch;
};
