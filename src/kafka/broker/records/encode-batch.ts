import {
  BATCH_HEADER_BYTES,
  BATCH_LENGTH_OVERHEAD,
  attributesOf,
  writeLong,
} from './batch-header.js';
import { renewChecksum } from './batches.js';
import { compress } from './compression/codec.js';
import { VarintWriter } from './varint.js';

/** A record to encode. */
export interface RecordInput {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: readonly { readonly name: string; readonly value: Buffer | null }[];
  /** Unix ms. */
  readonly timestamp: number;
}

/** What the header says beside the records; all optional. */
export interface BatchOptions {
  readonly baseOffset?: number;
  readonly leaderEpoch?: number;
  /** A codec id that can be written: 0 none, 1 gzip. */
  readonly codec?: number;
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly transactional?: boolean;
  readonly control?: boolean;
}

/** Encodes records (at least one) as one batch, format v2. */
export function encodeBatch(records: readonly RecordInput[], options: BatchOptions = {}): Buffer {
  const baseTimestamp = records[0]?.timestamp ?? 0;
  const writer = new VarintWriter();
  let maxTimestamp = baseTimestamp;
  for (const [delta, record] of records.entries()) {
    maxTimestamp = Math.max(maxTimestamp, record.timestamp);
    writer.nullableBytes(encodeRecord(record, delta, baseTimestamp));
  }
  return assembleBatch(writer.finish(), {
    ...options,
    attributes: attributesOf(options),
    lastOffsetDelta: records.length - 1,
    baseTimestamp,
    maxTimestamp,
    recordCount: records.length,
  });
}

/** Builds a batch around encoded, uncompressed records (compaction keeps them as they were). */
export function assembleBatch(
  records: Buffer,
  header: BatchOptions & {
    readonly attributes: number;
    readonly lastOffsetDelta: number;
    readonly baseTimestamp: number;
    readonly maxTimestamp: number;
    readonly recordCount: number;
  },
): Buffer {
  const payload = compress(header.attributes & 0x07, records);
  const batch = Buffer.allocUnsafe(BATCH_HEADER_BYTES + payload.length);
  writeLong(batch, header.baseOffset ?? 0, 0);
  batch.writeInt32BE(batch.length - BATCH_LENGTH_OVERHEAD, 8);
  batch.writeInt32BE(header.leaderEpoch ?? 0, 12);
  batch.writeInt8(2, 16);
  batch.writeInt16BE(header.attributes, 21);
  batch.writeInt32BE(header.lastOffsetDelta, 23);
  writeLong(batch, header.baseTimestamp, 27);
  writeLong(batch, header.maxTimestamp, 35);
  writeLong(batch, header.producerId ?? -1, 43);
  batch.writeInt16BE(header.producerEpoch ?? -1, 51);
  batch.writeInt32BE(header.baseSequence ?? -1, 53);
  batch.writeInt32BE(header.recordCount, 57);
  payload.copy(batch, BATCH_HEADER_BYTES);
  renewChecksum(batch);
  return batch;
}

function encodeRecord(record: RecordInput, offsetDelta: number, baseTimestamp: number): Buffer {
  const writer = new VarintWriter();
  writer.byte(0);
  writer.varlong(record.timestamp - baseTimestamp);
  writer.varint(offsetDelta);
  writer.nullableBytes(record.key);
  writer.nullableBytes(record.value);
  const headers = record.headers ?? [];
  writer.varint(headers.length);
  for (const { name, value } of headers) {
    writer.nullableBytes(Buffer.from(name, 'utf8'));
    writer.nullableBytes(value);
  }
  return writer.finish();
}
