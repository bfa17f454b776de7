import { cpSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { batchesIn, renewChecksum } from '../records/batches.js';
import { CODEC } from '../records/compression/codec.js';
import { nodeFiles } from './files.js';
import { type PartitionLog } from './partition-log.js';
import {
  batchOf,
  crashCopy,
  openLog,
  readAll,
  readValues,
  runtimeWith,
  temporaryDirectory,
} from './testing/log-fixture.js';

const refuse = (): never => {
  throw new Error('EIO');
};

const filesOf = (directory: string, suffix: string): string[] =>
  readdirSync(directory).filter((name) => name.endsWith(suffix));

/** Appends, again and again until it is taken. */
async function appendAtLast(log: PartitionLog, value: string): Promise<void> {
  while (!(await log.append(batchOf([value])).catch(() => undefined))) await setImmediate();
}

describe('a write that failed, and whose rest could not be cut off', () => {
  it('takes nothing with it when its segment is closed and the process killed', async () => {
    const directory = temporaryDirectory();
    let fails = false;
    const runtime = runtimeWith({
      write(fd, bytes, position) {
        nodeFiles.write(fd, fails ? bytes.subarray(0, 50) : bytes, position);
        if (fails) refuse();
      },
      truncate: (fd, size) => (fails ? refuse() : nodeFiles.truncate(fd, size)),
    });
    const log = await openLog({ directory, runtime, config: { segmentBytes: 400 } });
    await log.append(batchOf(['a'.repeat(100)]));
    fails = true;
    await expect(log.append(batchOf(['lost']))).rejects.toThrow('could not be written');
    fails = false;
    for (let count = 0; count < 5; count++) await log.append(batchOf(['b'.repeat(300)]));
    await log.close();
    const again = await openLog({ directory, leaderEpoch: 1 });
    expect(again.endOffset).toBe(6);
    expect(await readValues(again)).toEqual(await readValues(await openLog({ directory })));
  });
});

describe('a segment that cannot be removed while the log is cut', () => {
  it('is not taken for one of those that come later', async () => {
    const directory = temporaryDirectory();
    let [syncs, removes] = [true, true];
    const runtime = runtimeWith({
      sync: (fd) => (syncs ? nodeFiles.sync(fd) : Promise.reject(new Error('EIO'))),
      remove(path) {
        if (!removes && path.endsWith('.log')) {
          removes = true;
          refuse();
        }
        nodeFiles.remove(path);
      },
    });
    const config = { segmentBytes: 400 };
    const log = await openLog({ directory, fsync: 'always', config, runtime });
    await log.append(batchOf(['first']));
    [syncs, removes] = [false, false];
    const stale = Array.from({ length: 7 }, () => log.append(batchOf(['s'.repeat(250)])));
    expect((await Promise.allSettled(stale)).every(({ status }) => status === 'rejected')).toBe(
      true,
    );
    syncs = true;
    for (let count = 0; count < 12; count++) await appendAtLast(log, `good${count}`);
    expect(removes).toBe(true);
    const values = await readValues(log);
    await log.close();
    expect(await readValues(await openLog({ directory, leaderEpoch: 1, config }))).toEqual(values);
  });
});

describe('a checkpoint of more than a power cut has left', () => {
  it('is not taken for that of the log that grew after it, where the disk takes no other', async () => {
    const directory = temporaryDirectory();
    const first = await openLog({ directory });
    for (let count = 0; count < 10; count++) await first.append(batchOf(['x'.repeat(50)]));
    const size = first.sizeBytes;
    await first.close();
    truncateSync(join(directory, filesOf(directory, '.log')[0]!), size / 2);
    const noRoom = (path: string): boolean => path.endsWith('/checkpoint');
    const runtime = runtimeWith({
      store: (path, bytes) => (noRoom(path) ? refuse() : nodeFiles.store(path, bytes)),
      storeDurably: (path, bytes) =>
        noRoom(path) ? Promise.reject(new Error('EIO')) : nodeFiles.storeDurably(path, bytes),
    });
    const log = await openLog({ directory, leaderEpoch: 1, runtime });
    expect(log.endOffset).toBe(5);
    for (let count = 5; count < 30; count++) await log.append(batchOf([`later${count}`]));
    const again = await openLog({ directory: crashCopy(directory), leaderEpoch: 2 });
    expect(await readValues(again)).toEqual(await readValues(log));
  });
});

describe('an index with entries past what a power cut has left of the log', () => {
  it('is not used for the records that come there later', async () => {
    const directory = temporaryDirectory();
    const config = { segmentBytes: 1_000_000 };
    const log = await openLog({ directory, config });
    for (let count = 0; count < 11; count++) await log.append(batchOf(['x'.repeat(1_000)]));
    await log.deleteRecordsBefore(1);
    const left = crashCopy(directory);
    for (let count = 0; count < 8; count++) await log.append(batchOf(['y'.repeat(1_000)]));
    await log.deleteRecordsBefore(2);
    for (const name of filesOf(directory, 'index')) {
      cpSync(join(directory, name), join(left, name));
    }
    const reopen = (leaderEpoch: number): Promise<PartitionLog> =>
      openLog({
        directory: left,
        config: { segmentBytes: 14_500 },
        leaderEpoch,
        runtime: runtimeWith({}, 0),
      });
    const again = await reopen(1);
    for (let count = 0; count < 9; count++) await again.append(batchOf(['z'.repeat(280)]));
    for (let count = 0; count < 40; count++) await again.append(batchOf(['q'.repeat(900)]));
    await again.close();
    const last = await reopen(2);
    for (let offset = last.startOffset; offset < last.endOffset; offset++) {
      const [batch] = batchesIn(await last.read(offset, 100));
      expect(batch?.header.baseOffset).toBe(offset);
    }
  });
});

describe('a batch that says it has two thousand million records', () => {
  it('takes nothing with it that comes after it, when its segment is walked', async () => {
    const directory = temporaryDirectory();
    const log = await openLog({ directory });
    for (const value of ['a', 'b', 'c']) await log.append(batchOf([value]));
    const forged = batchOf(['x'], { codec: CODEC.gzip });
    forged.writeInt32BE(0x7ffffffe, 23);
    forged.writeInt32BE(0x7fffffff, 57);
    renewChecksum(forged);
    await log.append(forged);
    await log.append(batchOf(['after']));
    const copy = crashCopy(directory);
    rmSync(join(copy, 'checkpoint'), { force: true });
    const again = await openLog({ directory: copy, leaderEpoch: 1 });
    expect(again.endOffset).toBe(log.endOffset);
    expect(await readValues(again, log.endOffset - 1)).toEqual(['after']);
  });
});

describe('where a log begins', () => {
  it('is kept before DeleteRecords says so, though a full disk kept it from being stored before', async () => {
    const directory = temporaryDirectory();
    let isFull = false;
    const store: typeof nodeFiles.store = (path, bytes) =>
      isFull ? refuse() : nodeFiles.store(path, bytes);
    const config = { segmentBytes: 300, retentionMs: 1_000 };
    const runtime = runtimeWith({ store });
    const log = await openLog({ directory, config, runtime, clock: () => 10_000 });
    for (let count = 0; count < 6; count++) await log.append(batchOf(['x'.repeat(100)]));
    // Removed, and still in the directory after a power cut.
    const removed = crashCopy(directory);
    isFull = true;
    await log.cleanOnce(100_000).catch(() => undefined);
    expect(log.startOffset).toBeGreaterThan(0);
    await expect(log.deleteRecordsBefore(log.startOffset)).rejects.toThrow('EIO');
    isFull = false;
    expect(await log.deleteRecordsBefore(log.startOffset)).toBe(log.startOffset);
    cpSync(join(directory, 'checkpoint'), join(removed, 'checkpoint'));
    const again = await openLog({ directory: removed, config, leaderEpoch: 1 });
    expect(again.startOffset).toBe(log.startOffset);
    expect(await readAll(again)).toHaveLength(log.endOffset - log.startOffset);
  });
});

describe('a search by time after a power cut', () => {
  it.each(['always', 'interval'] as const)('finds what came after it (%s)', async (fsync) => {
    const directory = temporaryDirectory();
    const held: (() => void)[] = [];
    let isHeld = false;
    const runtime = runtimeWith({
      async syncPath(path) {
        if (isHeld && path.includes('epoch')) {
          await new Promise<void>((release) => void held.push(release));
        }
        await nodeFiles.syncPath(path);
      },
    });
    const log = await openLog({ directory, fsync, fsyncIntervalMs: 1_000_000, runtime });
    const many = (target: PartitionLog, at: number): Promise<unknown>[] =>
      Array.from({ length: 10 }, (_, count) =>
        target.append(batchOf(['x'.repeat(1_000)], { at: at + count })),
      );
    await Promise.all(many(log, 1_000));
    isHeld = true;
    const deleted = log.deleteRecordsBefore(1);
    while (held.length === 0) await setImmediate();
    const size = log.sizeBytes;
    const lost = many(log, 2_000);
    isHeld = false;
    for (const release of held) release();
    await deleted;
    const left = crashCopy(directory);
    truncateSync(join(left, filesOf(left, '.log')[0]!), size);
    await Promise.allSettled(lost);
    const again = await openLog({ directory: left, leaderEpoch: 1 });
    expect(again.endOffset).toBe(10);
    await again.append(batchOf(['x'], { at: 9_000 }));
    await Promise.all(many(again, 100));
    expect((await again.offsetForTimestamp(5_000))?.offset).toBe(10);
  });
});
