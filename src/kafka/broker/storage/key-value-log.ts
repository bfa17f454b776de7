import { batchesIn } from '../records/batches.js';
import { isControl } from '../records/batch-header.js';
import { encodeBatch } from '../records/encode-batch.js';
import { recordsOf } from '../records/records.js';
import { DEFAULT_LOG_CONFIG, type LogConfig } from './log-config.js';
import { type Clock, type PartitionLogOptions } from './log-types.js';
import { PartitionLog } from './partition-log.js';

const READ_BYTES = 4 * 1024 * 1024;

/** Segments small enough to be compacted soon; the values are small. */
const CONFIG: LogConfig = {
  ...DEFAULT_LOG_CONFIG,
  cleanupPolicy: 'compact',
  segmentBytes: 16 * 1024 * 1024,
  deleteRetentionMs: 0,
  maxMessageBytes: 0x7fffffff,
};

/**
 * A small durable map on a compacted log, all of it in memory: group offsets, topics, settings.
 * Keys are text, values bytes.
 */
export class KeyValueLog {
  private readonly values = new Map<string, Buffer>();

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

  get size(): number {
    return this.values.size;
  }

  /**
   * Writes all changes or none, in one batch; null deletes. They are visible to `get` once stored
   * as durably as the log's fsync mode says; writes take effect in the order of the calls.
   * @throws StorageError when nothing was written
   */
  async write(changes: Iterable<readonly [string, Buffer | null]>): Promise<void> {
    const taken = [...changes];
    if (taken.length === 0) return;
    const timestamp = this.clock();
    const records = taken.map(([key, value]) => ({ key: Buffer.from(key), value, timestamp }));
    await this.log.append(encodeBatch(records), { origin: 'coordinator' });
    for (const [key, value] of taken) this.apply(key, value);
  }

  /** Compacts the log when enough of it is out of date. */
  async cleanOnce(now: number = this.clock()): Promise<void> {
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

  private apply(key: string, value: Buffer | null): void {
    if (value === null) this.values.delete(key);
    else this.values.set(key, value);
  }
}
