import { readdirSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  batchOf,
  crashCopy,
  openLog,
  readValues,
  runtimeWith,
  temporaryDirectory,
} from './testing/log-fixture.js';
import { nodeFiles } from './files.js';
import { LogStorageFailed } from './storage.errors.js';

describe('fsync before the acknowledgement', () => {
  it('shares one sync among all appends that come meanwhile, and shows nothing before it', async () => {
    const syncs: (() => void)[] = [];
    const sync = () => new Promise<void>((resolve) => void syncs.push(resolve));
    const log = await openLog({ fsync: 'always', runtime: runtimeWith({ sync }) });
    const acknowledged: number[] = [];
    const appends = Array.from({ length: 10 }, async (_, index) => {
      const { baseOffset } = await log.append(batchOf([`${index}`]));
      acknowledged.push(baseOffset);
    });
    await waitUntil(() => syncs.length === 1);
    expect([acknowledged, log.highWatermark, log.endOffset]).toEqual([[], 0, 10]);
    expect((await log.read(0, 1_000)).length).toBe(0);
    syncs.shift()!();
    await Promise.all(appends);
    expect(acknowledged).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(log.highWatermark).toBe(10);
  });

  it('cuts off what a failed sync did not bring to the disk, and goes on', async () => {
    let fails = false;
    const sync = (fd: number) => (fails ? Promise.reject(new Error('EIO')) : nodeFiles.sync(fd));
    const log = await openLog({ fsync: 'always', runtime: runtimeWith({ sync }) });
    const at = (baseSequence: number) =>
      batchOf([`${baseSequence}`], { producerId: 1, producerEpoch: 0, baseSequence });
    await log.append(at(0));
    fails = true;
    const results = await Promise.allSettled([log.append(at(1)), log.append(at(2))]);
    for (const result of results) {
      expect(result.status === 'rejected' && result.reason).toBeInstanceOf(LogStorageFailed);
    }
    fails = false;
    await waitUntil(() => log.endOffset === 1);
    await waitUntil(() =>
      log.append(at(1)).then(
        () => true,
        () => false,
      ),
    );
    expect(await log.append(at(2))).toMatchObject({ baseOffset: 2, duplicate: false });
    expect(await readValues(log)).toEqual(['0', '1', '2']);
  });
});

describe('a sync that fails for a checkpoint', () => {
  it('keeps what nobody was told to be stored from being read before it is cut', async () => {
    const syncs: { resolve: () => void; reject: (error: Error) => void }[] = [];
    let isHeld = false;
    const sync: typeof nodeFiles.sync = (fd) =>
      isHeld
        ? new Promise((resolve, reject) => void syncs.push({ resolve, reject }))
        : nodeFiles.sync(fd);
    const log = await openLog({ fsync: 'always', runtime: runtimeWith({ sync }) });
    await log.append(batchOf(['first']));
    isHeld = true;
    const told = log.append(batchOf(['told']));
    await waitUntil(() => syncs.length === 1);
    const refused = log.append(batchOf(['refused']));
    const marks: number[] = [];
    log.onAppend(() => marks.push(log.highWatermark));
    const checkpoint = log.deleteRecordsBefore(1);
    syncs.shift()!.resolve();
    await told;
    await waitUntil(() => syncs.length === 1);
    const outcomes = Promise.allSettled([checkpoint, refused]);
    syncs.shift()!.reject(new Error('EIO'));
    isHeld = false;
    await waitUntil(() => log.endOffset === 2 || syncs.length > 0);
    syncs.shift()?.resolve();
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await waitUntil(() => log.endOffset === 2);
    expect(Math.max(...marks)).toBe(2);
    expect(await readValues(log, 1)).toEqual(['told']);
  });
});

describe('a full disk', () => {
  it('keeps nothing of the append that it refused and takes the next when there is room', async () => {
    let room = true;
    const write: typeof nodeFiles.write = (fd, bytes, position) => {
      if (room) return nodeFiles.write(fd, bytes, position);
      nodeFiles.write(fd, bytes.subarray(0, bytes.length / 2), position);
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    };
    const directory = temporaryDirectory();
    const log = await openLog({ directory, runtime: runtimeWith({ write }) });
    const at = (baseSequence: number) =>
      batchOf([`${baseSequence}`], { producerId: 1, producerEpoch: 0, baseSequence });
    await log.append(at(0));
    room = false;
    await expect(log.append(at(1))).rejects.toMatchObject({ kafkaCode: 56 });
    expect(log.endOffset).toBe(1);
    room = true;
    expect(await log.append(at(1))).toMatchObject({ baseOffset: 1, duplicate: false });
    await log.close();
    const again = await openLog({ directory, leaderEpoch: 1 });
    expect(await readValues(again)).toEqual(['0', '1']);
  });
});

describe('a disk that takes no small files', () => {
  const noSpace = (): never => {
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  };

  it('keeps no record from the log, and epochs are learnt from it after a crash', async () => {
    const directory = temporaryDirectory();
    const first = await openLog({ directory, leaderEpoch: 1 });
    await first.append(batchOf(['a']));
    await first.close();
    const log = await openLog({
      directory,
      leaderEpoch: 2,
      runtime: runtimeWith({ store: noSpace }),
    });
    await log.append(batchOf(['b']));
    const crashed = crashCopy(directory);
    await log.close();
    for (const left of [directory, crashed]) {
      const again = await openLog({ directory: left, leaderEpoch: 3 });
      expect(await readValues(again)).toEqual(['a', 'b']);
      expect(again.epochEnd(1)).toEqual({ leaderEpoch: 1, endOffset: 1 });
      expect(again.epochEnd(2)).toEqual({ leaderEpoch: 2, endOffset: 2 });
    }
  });

  it('has a checkpoint wait for the epochs that it vouches for', async () => {
    const directory = temporaryDirectory();
    const store: typeof nodeFiles.store = (path, bytes) =>
      path.endsWith('leader-epoch-checkpoint') ? noSpace() : nodeFiles.store(path, bytes);
    for (const leaderEpoch of [1, 2]) {
      const runtime = runtimeWith(leaderEpoch === 1 ? {} : { store });
      const log = await openLog({ directory, leaderEpoch, runtime });
      await log.append(batchOf(['a']));
      await log.close();
    }
    const again = await openLog({ directory, leaderEpoch: 3 });
    expect(again.epochEnd(1)).toEqual({ leaderEpoch: 1, endOffset: 1 });
  });

  it('leaves no finished compaction behind that was not put in its place', async () => {
    let fails = false;
    const syncPath: typeof nodeFiles.syncPath = (path) =>
      fails ? Promise.reject(new Error('EIO')) : nodeFiles.syncPath(path);
    const directory = temporaryDirectory();
    const config = {
      cleanupPolicy: 'compact',
      segmentBytes: 300,
      minCleanableDirtyRatio: 0,
    } as const;
    const log = await openLog({
      directory,
      config,
      fsync: 'interval',
      runtime: runtimeWith({
        syncPath,
        rename: (from, to) => {
          nodeFiles.rename(from, to);
          fails = to.endsWith('.swap');
        },
      }),
    });
    for (let i = 0; i < 20; i++) await log.append(batchOf([`k=${i}`]));
    await expect(log.cleanOnce()).rejects.toThrow('EIO');
    expect(readdirSync(directory).filter((name) => name.endsWith('.swap'))).toEqual([]);
    expect((await readValues(log)).at(-1)).toBe('k=19');
    await log.close();
  });
});

describe('file handles', () => {
  it('stay bounded over many logs', async () => {
    const runtime = runtimeWith({}, 0);
    const logs = await Promise.all(Array.from({ length: 600 }, () => openLog({ runtime })));
    for (const log of logs) await log.append(batchOf(['a']));
    expect(runtime.pool.openCount).toBeLessThanOrEqual(512);
    for (const log of logs) expect(await readValues(log)).toEqual(['a']);
    expect(runtime.pool.openCount).toBeLessThanOrEqual(512);
  });
});

/** Waits for a condition, over turns of the event loop. */
async function waitUntil(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
}

describe('a log that could not be closed in order', () => {
  it('cuts nothing of what is written by who opens it next', async () => {
    const directory = temporaryDirectory();
    const former = await openLog({ directory, fsync: 'always' });
    for (const value of ['a', 'b', 'c']) await former.append(batchOf([value]));
    await former.close();
    let fails = false;
    const syncPath: typeof nodeFiles.syncPath = (path) =>
      fails ? Promise.reject(new Error('EIO')) : nodeFiles.syncPath(path);
    const runtime = runtimeWith({ syncPath });
    const log = await openLog({ directory, fsync: 'always', runtime, leaderEpoch: 1 });
    fails = true;
    await expect(log.close()).rejects.toThrow('did not reach the disk');
    fails = false;
    const next = await openLog({ directory, fsync: 'always', leaderEpoch: 2 });
    for (const value of ['d', 'e']) await next.append(batchOf([value]));
    for (let turns = 0; turns < 50; turns++) await nextTurn();
    await next.append(batchOf(['f']));
    await next.close();
    const values = await readValues(await openLog({ directory, leaderEpoch: 3 }));
    expect(values).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });
});

describe('a log that syncs now and then', () => {
  it('brings to the disk what nobody waits for', async () => {
    let synced = 0;
    const sync: typeof nodeFiles.sync = async (fd) => {
      await nodeFiles.sync(fd);
      synced += 1;
    };
    const log = await openLog({
      fsync: 'interval',
      fsyncIntervalMs: 1,
      runtime: runtimeWith({ sync }),
    });
    for (const value of ['a', 'b']) {
      const before = synced;
      await log.append(batchOf([value]));
      await waitUntil(() => synced > before);
      expect(log.endOffset).toBe(log.highWatermark);
    }
    await log.close();
  });
});
