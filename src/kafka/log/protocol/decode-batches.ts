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

const empty = Buffer.alloc(0);

const readHeaders = (cursor: FieldCursor): readonly RecordHeader[] => {
  const count = cursor.varint();
  const headers: RecordHeader[] = [];
  for (let index = 0; index < count; index += 1) {
    const name = cursor.utf8(cursor.varint());
    const value = cursor.bytes(cursor.varint());
    headers.push({ name, value: value ?? empty });
  }
  return headers;
};

/** Passes over headers, so that damaged ones are found while the batch is decoded. */
const skipHeaders = (cursor: FieldCursor): void => {
  const count = cursor.varint();
  for (let index = 0; index < count; index += 1) {
    cursor.skip(cursor.varint());
    cursor.skip(cursor.varint());
  }
};

/**
 * A record of a batch: where its fields lie in the answer. They are decoded when they are asked for,
 * because a record may wait for long, and a dozen objects for each cost more in garbage collection
 * than decoding them does.
 */
export class BatchRecord implements LogRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly leaderEpoch: number;
  readonly bytes: number;
  private source: Buffer;
  /** Where it begins in `source`; fields are counted from here. */
  private start: number;
  private readonly keyAt: number;
  private readonly keyLength: number;
  private readonly valueAt: number;
  private readonly valueLength: number;
  private readonly headersAt: number;

  /** Reads the record at the cursor. @throws RangeError when it is damaged */
  constructor(
    readonly topic: string,
    readonly partition: number,
    batch: RawBatch,
    cursor: FieldCursor,
  ) {
    const length = cursor.varint();
    this.source = cursor.source;
    this.start = cursor.position;
    cursor.byte(); // attributes: none are defined
    const timestampDelta = cursor.varlong();
    this.offset = batch.baseOffset + cursor.varint();
    this.keyLength = cursor.varint();
    this.keyAt = cursor.position - this.start;
    cursor.skip(this.keyLength);
    this.valueLength = cursor.varint();
    this.valueAt = cursor.position - this.start;
    cursor.skip(this.valueLength);
    this.headersAt = cursor.position - this.start;
    skipHeaders(cursor);
    // A record may have fields beyond the length that it gives: a broker may not have looked.
    this.bytes = Math.max(length, cursor.position - this.start);
    cursor.position = this.start + length;
    this.timestamp =
      (batch.attributes & batchAttributes.logAppendTime) === 0
        ? batch.baseTimestamp + timestampDelta
        : batch.maxTimestamp;
    this.leaderEpoch = batch.leaderEpoch;
  }

  get key(): Buffer | null {
    return this.field(this.keyAt, this.keyLength);
  }

  get value(): Buffer | null {
    return this.field(this.valueAt, this.valueLength);
  }

  get headers(): readonly RecordHeader[] {
    return readHeaders(new FieldCursor(this.source, this.start + this.headersAt));
  }

  detach(): void {
    if (this.source.length === this.bytes) return;
    this.source = Buffer.from(this.source.subarray(this.start, this.start + this.bytes));
    this.start = 0;
  }

  private field(at: number, length: number): Buffer | null {
    if (length < 0) return null;
    const from = this.start + at;
    return this.source.subarray(from, from + length);
  }
}

/**
 * A batch's records in order. Keys and values are views into the answer's bytes.
 * @throws LogUnreadable when the batch is damaged or its codec is not at hand
 */
export const decodeRecords = (batch: RawBatch, topic: string, partition: number): BatchRecord[] => {
  const cursor = new FieldCursor(decompressed(batch));
  const records: BatchRecord[] = [];
  try {
    for (let index = 0; index < batch.recordCount; index += 1) {
      records.push(new BatchRecord(topic, partition, batch, cursor));
    }
  } catch (error) {
    throw new LogUnreadable('A record batch is damaged.', {}, { cause: error });
  }
  return records;
};
