import { BATCH_HEADER_BYTES, codecOf, parseBatchHeader } from './batch-header.js';
import { type BatchHeader } from './batch-header.js';
import { decompress, MAX_DECOMPRESSED_BYTES } from './compression/codec.js';
import { RecordCursor } from './record-cursor.js';
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
}

/**
 * The records of one whole batch, in offset order. Each costs some objects: what clients sent, who
 * may make very many of a few bytes, is for a `RecordCursor`.
 * @throws CorruptRecords when they do not parse, grow too large or are not as many as the header says
 * @throws UnsupportedCompression
 */
export function* recordsOf(batch: Buffer): Generator<BatchRecord> {
  const header = parseBatchHeader(batch);
  const record = new RecordCursor(header, recordBytes(header, batch, MAX_DECOMPRESSED_BYTES));
  while (record.next()) {
    const { offset, timestamp, key, value } = record;
    yield { offset, timestamp, key, value, headers: readHeaders(record.headerBytes) };
  }
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

function readHeaders(bytes: Buffer): readonly RecordHeader[] {
  const reader = new VarintReader(bytes);
  const count = reader.varint();
  if (count < 0 || count > reader.remaining) throw new CorruptRecords(`${count} record headers`);
  const headers: RecordHeader[] = [];
  for (let index = 0; index < count; index++) {
    const name = reader.take(reader.varint()).toString('utf8');
    headers.push({ name, value: reader.nullableBytes() });
  }
  if (reader.remaining !== 0) throw new CorruptRecords('a record is not as long as it says');
  return headers;
}
