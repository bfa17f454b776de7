import { createHash } from 'node:crypto';
import { takingTurns } from '../concurrency/taking-turns.js';
import { isControl, type BatchHeader } from '../records/batch-header.js';
import { checksumHolds, type BatchView } from '../records/batches.js';
import { filterBatch } from '../records/filter-batch.js';
import { RecordCursor } from '../records/record-cursor.js';
import { CorruptRecords, RecordsError } from '../records/records.errors.js';
import { recordBytes } from '../records/records.js';

/** Longer ones are held as their SHA-256 in hexadecimal, which is as long as no shorter one. */
const MAX_KEY_BYTES = 63;
/** Records between two turns of the event loop. */
const RECORDS_TOGETHER = 5_000;

/** What decides on records beside their keys. */
export interface NewestRecordsOptions {
  /** What a compressed batch may grow to. */
  readonly maxBatchBytes: number;
  /** Tombstones before this offset may go. */
  readonly tombstonesBefore: number;
  readonly isAborted: (header: BatchHeader) => boolean;
  /** How many keys may be held in memory, up to some 200 bytes each. */
  readonly maxKeys: number;
}

/**
 * The newest record of each key, and what therefore stays of a batch. A batch that cannot be read
 * (damaged, opened too large, more records than keys fit) stays as it is; so do the tombstones
 * behind it, which may delete what is in it.
 */
export class NewestRecords {
  private readonly offsets = new Map<string, number>();
  private readonly turn = takingTurns(RECORDS_TOGETHER);
  private metUnreadable = false;

  constructor(private readonly options: NewestRecordsOptions) {}

  /** Takes a batch's keys in, after those of earlier ones; false, and none, when they do not fit. */
  async note(batch: BatchView): Promise<boolean> {
    const { header } = batch;
    if (isControl(header) || this.options.isAborted(header)) return true;
    const records = await this.readable(batch);
    if (records === undefined) return true;
    if (this.offsets.size + header.recordCount > this.options.maxKeys) return false;
    const record = new RecordCursor(header, records);
    while (record.next()) {
      const pause = this.turn();
      if (pause !== undefined) await pause;
      if (record.hasKey) this.offsets.set(identityOf(record), record.offset);
    }
    return true;
  }

  /**
   * What stays of a batch; to be asked of one after the other, from the log's start on.
   * @returns the same bytes when all stays, undefined when nothing does
   */
  async filter(batch: BatchView): Promise<Buffer | undefined> {
    if (isControl(batch.header)) return batch.bytes;
    if (this.options.isAborted(batch.header)) return undefined;
    try {
      return await filterBatch(batch, this.open(batch), (record) => this.stays(record), this.turn);
    } catch (error) {
      if (!(error instanceof RecordsError)) throw error;
      this.metUnreadable = true;
      return batch.bytes;
    }
  }

  /** Opened, and looked at to the end: a key of what cannot be read may not make another one old. */
  private async readable(batch: BatchView): Promise<Buffer | undefined> {
    try {
      const records = this.open(batch);
      const record = new RecordCursor(batch.header, records);
      while (record.next()) {
        const pause = this.turn();
        if (pause !== undefined) await pause;
      }
      return records;
    } catch (error) {
      if (error instanceof RecordsError) return undefined;
      throw error;
    }
  }

  private open({ header, bytes }: BatchView): Buffer {
    if (header.recordCount > this.options.maxKeys)
      throw new CorruptRecords('a batch of too many records');
    if (!checksumHolds(bytes)) throw new CorruptRecords('a batch does not match its CRC-32C');
    return recordBytes(header, bytes, this.options.maxBatchBytes);
  }

  private stays(record: RecordCursor): boolean {
    if (!record.hasKey) return true;
    const newest = this.offsets.get(identityOf(record));
    if (newest !== undefined && newest > record.offset) return false;
    if (record.hasValue || this.metUnreadable) return true;
    return record.offset >= this.options.tombstonesBefore;
  }
}

function identityOf(record: RecordCursor): string {
  if (record.keyLength <= MAX_KEY_BYTES) return record.keyText();
  return createHash('sha256').update(record.key!).digest('hex');
}
