import { batchesIn } from '../records/batches.js';
import { isControl } from '../records/batch-header.js';
import { encodeBatch } from '../records/encode-batch.js';
import { recordsOf } from '../records/records.js';
import { DEFAULT_LOG_CONFIG, type LogConfig } from './log-config.js';
import { type Clock, type PartitionLogOptions } from './log-types.js';
import { PartitionLog } from './partition-log.js';
import { TooMuchKept } from './storage.errors.js';

const READ_BYTES = 4 * 1024 * 1024;

/** Segments small enough to be compacted soon; the values are small. */
const CONFIG: LogConfig = {
  ...DEFAULT_LOG_CONFIG,
  cleanupPolicy: 'compact',
  segmentBytes: 16 * 1024 * 1024,
  deleteRetentionMs: 0,
  maxMessageBytes: 0x7fffffff,
};

/** A key and its new value; null deletes. */
export type Change = readonly [string, string | null];

/** What an entry takes besides its bytes: here, and as the object that it stands for. */
const ENTRY_BYTES = 512;

/** Roughly the memory of one entry. */
export function bytesOfEntry(key: string, value: string): number {
  return ENTRY_BYTES + key.length + value.length;
}

/**
 * A small durable map on a compacted log, all of it in memory: group offsets, topics, settings.
 * Keys and values are text: small buffers would share their memory with what is long gone.
 */
export class KeyValueLog {
  private readonly values = new Map<string, string>();
  private bytes = 0;
  /** Room taken by writes that are under way. */
  private reserved = 0;
  /** Forgotten already, but the log does not say so yet. */
  private readonly owed = new Set<string>();

  private constructor(
    private readonly log: PartitionLog,
    private readonly clock: Clock,
  ) {}

  /** Opens or makes the log and reads all of it. */
  static async open(
    options: Omit<PartitionLogOptions, 'config'> & { readonly config?: () => LogConfig },
  ): Promise<KeyValueLog> {
    const log = await PartitionLog.open({ config: () => CONFIG, ...options });
    const map = new KeyValueLog(log, options.clock ?? Date.now);
    await map.replay();
    return map;
  }

  get(key: string): string | undefined {
    return this.values.get(key);
  }

  entries(): IterableIterator<[string, string]> {
    return this.values.entries();
  }

  /** Roughly the memory that keys and values take, with what comes with each. */
  get sizeBytes(): number {
    return this.bytes;
  }

  /**
   * Writes all changes or none, in one batch; null deletes. They are visible to `get` once stored
   * as durably as the log's fsync mode says; writes take effect in the order of the calls.
   * @throws StorageError when nothing was written
   */
  async write(changes: Iterable<Change>): Promise<void> {
    const taken = [...changes];
    if (taken.length === 0) return;
    await this.append(taken);
    for (const [key, value] of taken) this.apply(key, value);
  }

  /** Whether so many bytes more than there are, and are on their way, keep a bound. @throws TooMuchKept */
  requireRoom(growth: number, maxBytes: number): void {
    const present = this.bytes + this.reserved;
    if (growth > 0 && present + growth > maxBytes) {
      throw new TooMuchKept(`${growth} bytes more than the ${present} of ${maxBytes}`);
    }
  }

  /** As `write`, for changes that take so many bytes more than now. @throws TooMuchKept, StorageError */
  async writeWithin(maxBytes: number, growth: number, changes: readonly Change[]): Promise<void> {
    this.requireRoom(growth, maxBytes);
    this.reserved += growth;
    try {
      await this.write(changes);
    } finally {
      this.reserved -= growth;
    }
  }

  /**
   * Forgets keys at once and whatever the disk says: what it does not take now is written with the
   * next changes. For what must not come back while the broker runs.
   */
  async forget(keys: Iterable<string>): Promise<void> {
    await this.delete(keys).catch(() => undefined);
  }

  /** The same, for who is to know whether the disk has taken it. @throws StorageError: not now */
  async delete(keys: Iterable<string>): Promise<void> {
    for (const key of keys) {
      if (this.values.has(key)) this.owed.add(key);
      this.apply(key, null);
    }
    await this.settle();
  }

  /** Brings everything written so far to the disk, whatever the log's fsync mode. @throws StorageError */
  async flush(): Promise<void> {
    await this.log.flush();
  }

  /** Compacts the log when enough of it is out of date. */
  async cleanOnce(now: number = this.clock()): Promise<void> {
    await this.settle();
    await this.log.cleanOnce(now);
  }

  /** Closes the log, after what is owed if the disk takes it. @throws StorageError */
  async close(): Promise<void> {
    await this.settle().catch(() => undefined);
    await this.log.close();
  }

  private async replay(): Promise<void> {
    let offset = this.log.startOffset;
    for (;;) {
      const slice = await this.log.read(offset, READ_BYTES);
      if (slice.length === 0) return;
      for (const { header, bytes } of batchesIn(slice)) {
        offset = header.lastOffset + 1;
        if (isControl(header)) continue;
        for (const { key, value } of recordsOf(bytes)) {
          if (key !== null) this.apply(key.toString(), value && value.toString());
        }
      }
    }
  }

  /** Writes what is owed. @throws StorageError */
  private async settle(): Promise<void> {
    if (this.owed.size > 0) await this.append([]);
  }

  private async append(changes: readonly Change[]): Promise<void> {
    const timestamp = this.clock();
    // Once each and before the changes, one of which may give a forgotten key a value again: an
    // append has its place in the log from this very turn on.
    const owed = [...this.owed];
    this.owed.clear();
    const all: Change[] = [...owed.map((key) => [key, null] as const), ...changes];
    const records = all.map(([key, value]) => ({
      key: Buffer.from(key),
      value: value === null ? null : Buffer.from(value),
      timestamp,
    }));
    try {
      await this.log.append(encodeBatch(records), { origin: 'coordinator' });
    } catch (error) {
      for (const key of owed) if (!this.values.has(key)) this.owed.add(key);
      throw error;
    }
  }

  private apply(key: string, value: string | null): void {
    const former = this.values.get(key);
    if (former !== undefined) this.bytes -= bytesOfEntry(key, former);
    if (value !== null) this.bytes += bytesOfEntry(key, value);
    if (value === null) this.values.delete(key);
    else this.values.set(key, value);
    if (value !== null) this.owed.delete(key);
  }
}
