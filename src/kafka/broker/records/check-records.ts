import { BATCH_HEADER_BYTES, codecOf } from './batch-header.js';
import { type BatchView } from './batches.js';
import { CODEC } from './compression/codec.js';
import { CorruptRecords, InvalidRecords, UnsupportedCompression } from './records.errors.js';
import { VarintReader } from './varint.js';

const LAST_CODEC = CODEC.zstd;

/**
 * Checks that the records of a batch are whole, as many as its header says, and one offset apart:
 * a consumer could not pass by others. Makes no objects, as every batch that is written comes by.
 * What is compressed is not opened: a few bytes may stand for very many.
 * @throws InvalidRecords
 * @throws UnsupportedCompression for a codec that nobody knows
 */
export function checkRecords({ header, bytes }: BatchView): void {
  const codec = codecOf(header);
  if (codec > LAST_CODEC) throw new UnsupportedCompression(`unknown compression codec ${codec}`);
  if (codec !== CODEC.none) return;
  const reader = new VarintReader(bytes, BATCH_HEADER_BYTES);
  try {
    for (let delta = 0; delta < header.recordCount; delta++) passRecord(reader, delta);
  } catch (error) {
    if (error instanceof CorruptRecords) throw new InvalidRecords(error.message, { cause: error });
    throw error;
  }
  if (reader.remaining !== 0) throw new InvalidRecords('there are bytes after the last record');
}

function passRecord(reader: VarintReader, delta: number): void {
  const length = reader.varint();
  const end = reader.position + length;
  reader.skip(1);
  reader.skipVarint();
  if (reader.varint() !== delta) throw new InvalidRecords('offsets within a batch have gaps');
  reader.skipNullableBytes();
  reader.skipNullableBytes();
  passHeaders(reader);
  if (reader.position !== end) throw new InvalidRecords('a record is not as long as it says');
}

function passHeaders(reader: VarintReader): void {
  const count = reader.varint();
  if (count < 0 || count > reader.remaining) throw new InvalidRecords(`${count} record headers`);
  for (let index = 0; index < count; index++) {
    reader.skip(reader.varint());
    reader.skipNullableBytes();
  }
}
