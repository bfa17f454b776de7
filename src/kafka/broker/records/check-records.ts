import { BATCH_HEADER_BYTES, codecOf } from './batch-header.js';
import { type BatchView } from './batches.js';
import { CODEC } from './compression/codec.js';
import { RecordCursor } from './record-cursor.js';
import { CorruptRecords, InvalidRecords, UnsupportedCompression } from './records.errors.js';
import { recordBytes } from './records.js';

const LAST_CODEC = CODEC.zstd;

/** What is asked of each record of a batch. */
export interface RecordCheck {
  /** Told a record's time (Unix ms, by its sender) and its key; what it throws refuses the batch. */
  readonly look: (timestamp: number, hasKey: boolean) => void;
  /** Opens what is compressed, within the bound in bytes that it gives to `open`. */
  readonly decompress: (open: (maxBytes: number) => Buffer) => Buffer;
}

/**
 * Checks that the records of a batch are whole, as many as its header says, and one offset apart:
 * a consumer could not pass by others. Makes no objects, as every batch that is written comes by.
 * What is compressed is opened only where each record is asked for something: a few bytes may stand
 * for very many.
 * @param batch one whose count of records fits its offsets (`validateBatches`)
 * @throws InvalidRecords, and what the check throws
 * @throws UnsupportedCompression for a codec that nobody knows
 * @throws CorruptRecords for what does not decompress, or not within the bound
 */
export function checkRecords({ header, bytes }: BatchView, check?: RecordCheck): void {
  const codec = codecOf(header);
  if (codec > LAST_CODEC) throw new UnsupportedCompression(`unknown compression codec ${codec}`);
  if (codec !== CODEC.none && check === undefined) return;
  const records =
    codec === CODEC.none
      ? bytes.subarray(BATCH_HEADER_BYTES)
      : check!.decompress((maxBytes) => recordBytes(header, bytes, maxBytes));
  try {
    const record = new RecordCursor(header, records);
    while (record.next()) {
      record.checkHeaders();
      check?.look(record.sentAt, record.hasKey);
    }
  } catch (error) {
    if (error instanceof CorruptRecords) throw new InvalidRecords(error.message, { cause: error });
    throw error;
  }
}
