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

/** What an entry takes besides its bytes: here, and as the object that it stands for. */
const ENTRY_BYTES = 512;

/** Roughly the memory of one entry. */
function bytesOf(key: string, value: Buffer): number {
  return ENTRY_BYTES + key.length + value.length;
}

/**
 * Whether changes fit into the memory that a log may take; what is there already may be replaced.
 * @throws TooMuchKept
 */
export function requireRoom(
  log: KeyValueLog,
  changes: ReadonlyArray<readonly [string, Buffer]>,
  maxBytes: number,
): void {
  const growth = changes.reduce((sum, [key, value]) => {
    const former = log.get(key);
    return sum + bytesOf(key, value) - (former === undefined ? 0 : bytesOf(key, former));
  }, 0);
  if (growth > 0 && log.sizeBytes + growth > maxBytes) {
    throw new TooMuchKept(`${growth} bytes more than the ${log.sizeBytes} of ${maxBytes}`);
  }
}

/**
 * A small durable map on a compacted log, all of it in memory: group offsets, topics, settings.
 * Keys are text, values bytes.
 */
export class KeyValueLog {
  private readonly values = new Map<string, Buffer>();
  private bytes = 0;
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

  get(key: string): Buffer | undefined {
    return this.values.get(key);
  }

  entries(): IterableIterator<[string, Buffer]> {
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
  async write(changes: Iterable<readonly [string, Buffer | null]>): Promise<void> {
    const taken = [...changes];
    if (taken.length === 0) return;
    const owed = [...this.owed];
    // Before the changes: one of them may give a forgotten key a value again.
    await this.append([...owed.map((key) => [key, null] as const), ...taken]);
    for (const key of owed) this.owed.delete(key);
    for (const [key, value] of taken) this.apply(key, value);
  }

  /**
   * Forgets keys at once and whatever the disk says: what it does not take now is written with the
   * next changes. For what must not come back while the broker runs.
   */
  async forget(keys: Iterable<string>): Promise<void> {
    for (const key of keys) {
      if (this.values.has(key)) this.owed.add(key);
      this.apply(key, null);
    }
    await this.settle().catch(() => undefined);
  }

  /** Compacts the log when enough of it is out of date. */
  async cleanOnce(now: number = this.clock()): Promise<void> {
    await this.settle();
    await this.log.cleanOnce(now);
  }

  close(): Promise<void> {
    return this.log.close();
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
          if (key !== null) this.apply(key.toString(), value && Buffer.from(value));
        }
      }
    }
  }

  /** Writes what is owed. @throws StorageError */
  private async settle(): Promise<void> {
    const owed = [...this.owed];
    if (owed.length === 0) return;
    await this.append(owed.map((key) => [key, null] as const));
    for (const key of owed) this.owed.delete(key);
  }

  private async append(changes: ReadonlyArray<readonly [string, Buffer | null]>): Promise<void> {
    const timestamp = this.clock();
    const records = changes.map(([key, value]) => ({ key: Buffer.from(key), value, timestamp }));
    await this.log.append(encodeBatch(records), { origin: 'coordinator' });
  }

  private apply(key: string, value: Buffer | null): void {
    const former = this.values.get(key);
    if (former !== undefined) this.bytes -= bytesOf(key, former);
    if (value !== null) this.bytes += bytesOf(key, value);
    if (value === null) this.values.delete(key);
    else this.values.set(key, value);
    if (value !== null) this.owed.delete(key);
  }
}
