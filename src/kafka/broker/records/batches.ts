import {
  BATCH_HEADER_BYTES,
  CRC_COVERS_FROM,
  isControl,
  parseBatchHeader,
} from './batch-header.js';
import { batchSizeAt, writeLong, type BatchHeader } from './batch-header.js';
import { crc32c } from './crc32c.js';
import { CorruptRecords, InvalidRecords } from './records.errors.js';

/** A batch inside a buffer. */
export interface BatchView {
  readonly header: BatchHeader;
  /** Where it begins in the buffer. */
  readonly position: number;
  /** Its bytes: a slice, not a copy. */
  readonly bytes: Buffer;
}

/**
 * The whole batches of a buffer, in order; a partial one at the end is left out. Checks lengths
 * and magic, not checksums.
 * @throws CorruptRecords when a length or the magic cannot be
 */
export function* batchesIn(buffer: Buffer): Generator<BatchView> {
  let position = 0;
  while (buffer.length - position >= BATCH_HEADER_BYTES) {
    const size = batchSizeAt(buffer, position);
    if (size < BATCH_HEADER_BYTES) throw new CorruptRecords(`a batch of ${size} bytes`);
    if (buffer.length - position < size) return;
    const header = parseBatchHeader(buffer, position);
    if (header.magic !== 2) throw new InvalidRecords(`record format v${header.magic}, not v2`);
    yield { header, position, bytes: buffer.subarray(position, position + size) };
    position += size;
  }
}

/** First offset after these batches; `from` where there are none. */
export function endOffsetOf(batches: Buffer, from: number): number {
  let end = from;
  for (const { header } of batchesIn(batches)) end = header.lastOffset + 1;
  return end;
}

/**
 * Checks a buffer of whole batches without touching their records: lengths, magic 2, CRC-32C,
 * record counts against offsets. Gives the batches.
 * @throws CorruptRecords when the bytes were damaged on the way
 * @throws InvalidRecords when a sound batch may not be stored (another magic, no records)
 */
export function validateBatches(buffer: Buffer): readonly BatchView[] {
  const batches: BatchView[] = [];
  let end = 0;
  for (const batch of batchesIn(buffer)) {
    if (!checksumHolds(batch.bytes)) throw new CorruptRecords('a batch does not match its CRC-32C');
    checkCount(batch.header);
    batches.push(batch);
    end = batch.position + batch.bytes.length;
  }
  if (end !== buffer.length) throw new CorruptRecords('the last batch is not whole');
  return batches;
}

/** Whether the batch's bytes match its checksum. */
export function checksumHolds(batch: Buffer): boolean {
  return crc32c(batch.subarray(CRC_COVERS_FROM)) === batch.readUInt32BE(17);
}

function checkCount(header: BatchHeader): void {
  const { recordCount, lastOffsetDelta, baseSequence, producerId } = header;
  if (recordCount < 1) throw new InvalidRecords(`a batch of ${recordCount} records`);
  if (lastOffsetDelta !== recordCount - 1) {
    throw new InvalidRecords(`${recordCount} records but last offset delta ${lastOffsetDelta}`);
  }
  if (producerId >= 0 && baseSequence < 0 && !isControl(header)) {
    throw new InvalidRecords(`a base sequence of ${baseSequence}`);
  }
}

/** Sets base offset and leader epoch in place; the checksum does not cover them. */
export function placeBatch(batch: Buffer, baseOffset: number, leaderEpoch: number): void {
  writeLong(batch, baseOffset, 0);
  batch.writeInt32BE(leaderEpoch, 12);
}

/** Makes the broker's time (Unix ms) the time of all records, in place, and renews the checksum. */
export function stampLogAppendTime(batch: Buffer, now: number): void {
  batch.writeInt16BE(batch.readInt16BE(21) | 0x08, 21);
  writeLong(batch, now, 35);
  renewChecksum(batch);
}

/** Computes the checksum anew, in place. */
export function renewChecksum(batch: Buffer): void {
  batch.writeUInt32BE(crc32c(batch.subarray(CRC_COVERS_FROM)), 17);
}
