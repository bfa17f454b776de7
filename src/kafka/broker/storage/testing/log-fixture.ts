import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchesIn } from '../../records/batches.js';
import { encodeBatch, type BatchOptions } from '../../records/encode-batch.js';
import { recordsOf, type BatchRecord } from '../../records/records.js';
import { nodeFiles, type Files } from '../files.js';
import { DEFAULT_LOG_CONFIG, type LogConfig } from '../log-config.js';
import { type PartitionLogOptions } from '../log-types.js';
import { PartitionLog } from '../partition-log.js';
import { StorageRuntime } from '../storage-runtime.js';

/** A fresh directory below the system's temporary one. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'partition-log-'));
  made.push(directory);
  return directory;
}

const made: string[] = [];
afterAll(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
});

/** A copy of a log's files as they are now: what a kill -9 at this moment would leave. */
export function crashCopy(directory: string): string {
  const copy = temporaryDirectory();
  cpSync(directory, copy, { recursive: true });
  return copy;
}

/** Opens a log with the settings that a test cares about. */
export function openLog(
  options: Partial<Omit<PartitionLogOptions, 'config'>> & {
    readonly config?: Partial<LogConfig>;
  } = {},
): Promise<PartitionLog> {
  const { config, ...rest } = options;
  return PartitionLog.open({
    directory: temporaryDirectory(),
    leaderEpoch: 0,
    fsync: 'never',
    ...rest,
    config: () => ({ ...DEFAULT_LOG_CONFIG, ...config }),
  });
}

/** A runtime whose file system fails where a test says so. */
export function runtimeWith(files: Partial<Files>, tailCacheBytes?: number): StorageRuntime {
  return new StorageRuntime({ files: { ...nodeFiles, ...files }, tailCacheBytes });
}

/** One batch of `key=value` or plain values. */
export function batchOf(
  values: readonly string[],
  options: BatchOptions & { at?: number } = {},
): Buffer {
  const records = values.map((text, index) => {
    const [key, value] = text.includes('=') ? text.split('=') : [undefined, text];
    return {
      key: key === undefined ? null : Buffer.from(key),
      value: value === undefined || (key !== undefined && value === '') ? null : Buffer.from(value),
      timestamp: (options.at ?? 1_000) + index,
    };
  });
  return encodeBatch(records, options);
}

/** All records from an offset on, control records included. */
export async function readAll(
  log: PartitionLog,
  from = log.startOffset,
  isolation: 'committed' | 'uncommitted' = 'uncommitted',
): Promise<BatchRecord[]> {
  const records: BatchRecord[] = [];
  let offset = from;
  for (;;) {
    const slice =
      isolation === 'committed'
        ? (await log.readCommitted(offset, 64 * 1024)).records
        : await log.read(offset, 64 * 1024);
    if (slice.length === 0) return records;
    for (const { header, bytes } of batchesIn(slice)) {
      offset = header.lastOffset + 1;
      records.push(...[...recordsOf(bytes)].filter((record) => record.offset >= from));
    }
  }
}

/** Values of all records, `key=value` where there is a key. */
export async function readValues(log: PartitionLog, from = log.startOffset): Promise<string[]> {
  const records = await readAll(log, from);
  return records.map(({ key, value }) => (key === null ? `${value}` : `${key}=${value ?? ''}`));
}
