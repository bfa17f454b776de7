import { BATCH_HEADER_BYTES, codecOf, hasLogAppendTime, parseBatchHeader } from './batch-header.js';
import { type BatchHeader } from './batch-header.js';
import { decompress, MAX_DECOMPRESSED_BYTES } from './compression/codec.js';
import { CorruptRecords, RecordsError } from './records.errors.js';
import { VarintReader } from './varint.js';

/** A header of a record. Names may repeat. */
export interface RecordHeader {
  readonly name: string;
  readonly value: Buffer | null;
}

/** A record of a batch; buffers are slices of the batch or of its decompressed records. */
export interface BatchRecord {
  readonly offset: number;
  /** Unix ms; the broker's time under LogAppendTime. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly RecordHeader[];
  /** The record as it is in the batch, with its length: what a rewritten batch copies. */
  readonly raw: Buffer;
}

/**
 * The records of one whole batch, in offset order.
 * @param maxBytes what compressed ones may grow to
 * @throws CorruptRecords when they do not parse, grow larger or are not as many as the header says
 * @throws UnsupportedCompression
 */
export function* recordsOf(
  batch: Buffer,
  maxBytes = MAX_DECOMPRESSED_BYTES,
): Generator<BatchRecord> {
  const header = parseBatchHeader(batch);
  const bytes = recordBytes(header, batch, maxBytes);
  const reader = new VarintReader(bytes);
  for (let count = 0; count < header.recordCount; count++) yield readRecord(reader, bytes, header);
  if (reader.remaining !== 0) throw new CorruptRecords('there are bytes after the last record');
}

/**
 * The records of a batch as one buffer.
 * @param maxBytes what compressed ones may grow to
 * @throws CorruptRecords, UnsupportedCompression
 */
export function recordBytes(header: BatchHeader, batch: Buffer, maxBytes: number): Buffer {
  try {
    return decompress(codecOf(header), batch.subarray(BATCH_HEADER_BYTES), maxBytes);
  } catch (error) {
    if (error instanceof RecordsError) throw error;
    throw new CorruptRecords('the records do not decompress', { cause: error });
  }
}

function readRecord(reader: VarintReader, bytes: Buffer, batch: BatchHeader): BatchRecord {
  const start = reader.position;
  const length = reader.varint();
  const end = reader.position + length;
  reader.take(1);
  const timestampDelta = reader.varlong();
  const offset = batch.baseOffset + reader.varint();
  const key = reader.nullableBytes();
  const value = reader.nullableBytes();
  const headers = readHeaders(reader);
  if (reader.position !== end) throw new CorruptRecords('a record is not as long as it says');
  const timestamp = hasLogAppendTime(batch)
    ? batch.maxTimestamp
    : batch.baseTimestamp + timestampDelta;
  return { offset, timestamp, key, value, headers, raw: bytes.subarray(start, end) };
}

function readHeaders(reader: VarintReader): readonly RecordHeader[] {
  const count = reader.varint();
  if (count < 0 || count > reader.remaining) throw new CorruptRecords(`${count} record headers`);
  const headers: RecordHeader[] = [];
  for (let index = 0; index < count; index++) {
    const name = reader.take(reader.varint()).toString('utf8');
    headers.push({ name, value: reader.nullableBytes() });
  }
  return headers;
}
