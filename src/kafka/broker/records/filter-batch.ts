import { type BatchHeader } from './batch-header.js';
import { type BatchView } from './batches.js';
import { CODEC } from './compression/codec.js';
import { assembleBatch } from './encode-batch.js';
import { RecordCursor } from './record-cursor.js';

/**
 * The batch with only the records that are to stay. Base offset, last offset and sequence remain,
 * so that offsets and producers' sequences mean the same; records are copied as they are.
 * @param records those of the batch, not compressed (`recordBytes`)
 * @param turn called before each record, and awaited where it gives something
 * @returns the same bytes when all stay, undefined when none does
 * @throws CorruptRecords
 */
export async function filterBatch(
  { header, bytes }: BatchView,
  records: Buffer,
  keep: (record: RecordCursor) => boolean,
  turn: () => Promise<unknown> | undefined = () => undefined,
): Promise<Buffer | undefined> {
  const kept = new KeptRecords(records);
  const record = new RecordCursor(header, records);
  while (record.next()) {
    const pause = turn();
    if (pause !== undefined) await pause;
    if (keep(record)) kept.add(record);
  }
  if (kept.count === header.recordCount) return bytes;
  if (kept.count === 0) return undefined;
  return assembleBatch(kept.finish(), {
    ...header,
    attributes: writableAttributes(header),
    maxTimestamp: kept.maxTimestamp,
    recordCount: kept.count,
  });
}

/** Copies records, neighbours at once: there may be millions. */
class KeptRecords {
  count = 0;
  maxTimestamp = -Infinity;
  private copied: Buffer | undefined;
  private copiedBytes = 0;
  /** Neighbours that were not copied yet. */
  private from = 0;
  private to = 0;

  constructor(private readonly records: Buffer) {}

  add({ start, end, timestamp }: RecordCursor): void {
    if (start !== this.to) {
      this.copy();
      this.from = start;
    }
    this.to = end;
    this.count += 1;
    this.maxTimestamp = Math.max(this.maxTimestamp, timestamp);
  }

  finish(): Buffer {
    if (this.copied === undefined) return this.records.subarray(this.from, this.to);
    this.copy();
    return this.copied.subarray(0, this.copiedBytes);
  }

  private copy(): void {
    if (this.from === this.to) return;
    this.copied ??= Buffer.allocUnsafe(this.records.length);
    this.copiedBytes += this.records.copy(this.copied, this.copiedBytes, this.from, this.to);
  }
}

/** Codecs that we cannot write become gzip: what was compressed may be very large without. */
function writableAttributes({ attributes }: BatchHeader): number {
  return (attributes & 0x07) === CODEC.none ? attributes : (attributes & ~0x07) | CODEC.gzip;
}
