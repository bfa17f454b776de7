import { join } from 'node:path';
import { crc32c } from '../records/crc32c.js';
import { type Files } from './files.js';
import { ENTRY_BYTES, TransactionIndex } from './transaction-index.js';

/** What a checkpoint says of the file: with other bytes in it, the checkpoint is not to be used. */
export interface TransactionIndexMark {
  /** Which file. */
  readonly generation: number;
  /** So many of its entries. */
  readonly count: number;
  /** CRC-32C of these. */
  readonly crc: number;
}

/** Of no entries, in the first file. */
export const NO_ENTRIES: TransactionIndexMark = { generation: 0, count: 0, crc: 0 };

/** Fewer forgotten entries are not worth a new file. */
const MIN_FORGOTTEN = 4096;

/**
 * The transaction index on the disk, for the log's checkpoint. Entries are only added, behind those
 * that the last checkpoint vouches for; when most were forgotten, the others go into a new file, and
 * the old one goes once a checkpoint speaks of the new one.
 */
export class TransactionIndexFile {
  /** Number, in the index, of the file's first entry. */
  private first = 0;
  /** There may be files that no checkpoint speaks of, also from before a crash. */
  private hasFormer = true;
  private unsynced = false;

  constructor(
    private readonly directory: string,
    private readonly files: Files,
    private mark: TransactionIndexMark = NO_ENTRIES,
  ) {}

  /** The index that a checkpoint speaks of; undefined when the file is missing or damaged. */
  static load(
    directory: string,
    files: Files,
    { generation, count, crc }: TransactionIndexMark,
  ): TransactionIndex | undefined {
    if (count === 0) return new TransactionIndex();
    const bytes = files.load(pathOf(directory, generation))?.subarray(0, count * ENTRY_BYTES);
    if (bytes?.length !== count * ENTRY_BYTES || crc32c(bytes) !== crc) return undefined;
    return TransactionIndex.deserialize(bytes);
  }

  /** Writes what the file lacks. @returns what the checkpoint is to say of it */
  store(index: TransactionIndex): TransactionIndexMark {
    const forgotten = index.first - this.first;
    // Forgotten before they were ever stored: those behind them have another number in the file.
    const lacksSome = forgotten > this.mark.count;
    if (lacksSome || forgotten > Math.max(MIN_FORGOTTEN, this.mark.count / 2)) {
      const generation = this.mark.generation + 1;
      this.mark = this.write(index, index.first, { ...NO_ENTRIES, generation });
      this.first = index.first;
      this.hasFormer = true;
    } else if (index.end > this.first + this.mark.count) {
      this.mark = this.write(index, this.first + this.mark.count, this.mark);
    }
    return this.mark;
  }

  /** Brings to the disk what was stored. */
  async sync(): Promise<void> {
    if (!this.unsynced) return;
    // Before: what is stored meanwhile is to be synced again.
    this.unsynced = false;
    try {
      await this.files.syncPath(pathOf(this.directory, this.mark.generation));
    } catch (error) {
      this.unsynced = true;
      throw error;
    }
  }

  /** Removes files that no checkpoint speaks of any more: the last one told of the newest. */
  removeFormer(): void {
    if (!this.hasFormer) return;
    const current = pathOf(this.directory, this.mark.generation);
    try {
      for (const name of this.files.list(this.directory)) {
        const path = join(this.directory, name);
        if (name.endsWith(SUFFIX) && path !== current) this.files.remove(path);
      }
      this.hasFormer = false;
    } catch {
      // The checkpoint is stored all the same, and the next one comes here again.
    }
  }

  /** Writes the entries from a number on behind those of the mark. */
  private write(
    index: TransactionIndex,
    from: number,
    { generation, count, crc }: TransactionIndexMark,
  ): TransactionIndexMark {
    const { files } = this;
    this.unsynced = true;
    const fd = files.open(pathOf(this.directory, generation), true);
    try {
      let [entries, sum] = [count, crc];
      for (const bytes of index.serialize(from)) {
        files.write(fd, bytes, entries * ENTRY_BYTES);
        entries += bytes.length / ENTRY_BYTES;
        sum = crc32c(bytes, sum);
      }
      return { generation, count: entries, crc: sum };
    } finally {
      files.close(fd);
    }
  }
}

const SUFFIX = '.txnindex';

function pathOf(directory: string, generation: number): string {
  return join(directory, `${generation}${SUFFIX}`);
}
