import { encodeEndMarker } from '../records/control-batch.js';
import { nodeFiles, type Files } from './files.js';
import {
  batchOf,
  crashCopy,
  openLog,
  readAll,
  runtimeWith,
  temporaryDirectory,
} from './testing/log-fixture.js';

/** A disk that a test fills: nothing can be stored then, and, where it says so, no file be made. */
function diskWith(
  state: { full: boolean; takesFiles?: boolean },
  more: Partial<Files> = {},
): Partial<Files> {
  const requireRoom = (): void => {
    if (state.full) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  };
  return {
    store(path, bytes) {
      requireRoom();
      nodeFiles.store(path, bytes);
    },
    open(path, create) {
      if (create && state.takesFiles === false && !nodeFiles.stat(path)) requireRoom();
      return nodeFiles.open(path, create);
    },
    ...more,
  };
}

const producer = (producerId: number, baseSequence: number) => ({
  producerId,
  producerEpoch: 0,
  baseSequence,
});

describe('removing segments on a full disk', () => {
  it('forgets no aborted transaction, nor epoch, of records that stay when the start does', async () => {
    const disk = { full: false };
    const directory = temporaryDirectory();
    const config = { segmentBytes: 300, retentionMs: -1 };
    const runtime = runtimeWith(diskWith(disk));
    const former = await openLog({ directory, config, runtime });
    await former.append(batchOf(['x'.repeat(200)]));
    await former.append(batchOf(['y'.repeat(50)], { ...producer(1, 0), transactional: true }));
    await former.close();
    const log = await openLog({ directory, config, runtime, leaderEpoch: 1 });
    const marker = { outcome: 'abort', coordinatorEpoch: 0 } as const;
    await log.append(encodeEndMarker(marker, { producerId: 1, producerEpoch: 0, timestamp: 1 }), {
      origin: 'coordinator',
    });
    for (let offset = 3; offset < 8; offset++) await log.append(batchOf(['z'.repeat(20)]));
    disk.full = true;
    await expect(log.deleteRecordsBefore(3)).rejects.toThrow('no space');
    expect([log.startOffset, (await readAll(log, 1, 'committed'))[0]!.offset]).toEqual([1, 1]);
    expect((await log.readCommitted(1, 1_000)).abortedTransactions).toEqual([
      { producerId: 1, firstOffset: 1, lastOffset: 2 },
    ]);
    expect(log.epochEnd(0)).toEqual({ leaderEpoch: 0, endOffset: 2 });
  });

  it('comes before the new segment that no room can be found for', async () => {
    const disk = { full: false, takesFiles: false };
    const config = { segmentBytes: 300, retentionMs: 1_000 };
    const log = await openLog({ config, runtime: runtimeWith(diskWith(disk)) });
    for (let index = 0; index < 10; index++) await log.append(batchOf(['z'.repeat(100)]));
    disk.full = true;
    await expect(log.cleanOnce(1_000_000)).rejects.toThrow('no space');
    expect(log.startOffset).toBe(9);
    disk.full = false;
    await log.cleanOnce(1_000_000);
    await log.cleanOnce(1_000_000);
    expect([log.startOffset, log.sizeBytes]).toEqual([10, 0]);
  });

  it('keeps the sequences of producers over a crash in between, if they fit', async () => {
    const directory = temporaryDirectory();
    const config = { segmentBytes: 400, retentionBytes: 800, retentionMs: -1 };
    const disk = { full: false };
    const copies: string[] = [];
    const remove: Files['remove'] = (path) => {
      nodeFiles.remove(path);
      copies.push(crashCopy(directory));
    };
    const log = await openLog({
      directory,
      config,
      runtime: runtimeWith(diskWith(disk, { remove })),
    });
    disk.full = true;
    for (let sequence = 0; sequence < 3; sequence++) {
      await log.append(batchOf(['a'.repeat(30)], producer(1, sequence)));
    }
    for (let index = 0; index < 40; index++) await log.append(batchOf(['b'.repeat(30)]));
    // What was rolled asks for a checkpoint: it has been refused by now.
    await log.deleteRecordsBefore(0);
    disk.full = false;
    expect((await log.cleanOnce()).deletedSegments).toBeGreaterThan(2);
    const crashed = await openLog({ directory: copies.at(-1)!, config, leaderEpoch: 1 });
    expect(crashed.startOffset).toBeGreaterThan(3);
    expect(await crashed.append(batchOf(['a'.repeat(30)], producer(1, 2)))).toMatchObject({
      duplicate: true,
    });
    expect(await crashed.append(batchOf(['a'], producer(1, 3)))).toMatchObject({
      duplicate: false,
    });
  });
});

describe('cleaning', () => {
  it('frees the indexes that readers of closed segments have loaded', async () => {
    const loads: string[] = [];
    const load: Files['load'] = (path) => {
      if (path.endsWith('.index')) loads.push(path);
      return nodeFiles.load(path);
    };
    const config = { segmentBytes: 10_000, retentionMs: -1 };
    const log = await openLog({ config, runtime: runtimeWith({ load }, 0) });
    for (let count = 0; count < 100; count++) await log.append(batchOf(['x'.repeat(1_000)]));
    await log.deleteRecordsBefore(1);
    await readAll(log);
    expect(loads.length).toBeGreaterThan(5);
    const once = loads.length;
    await readAll(log);
    expect(loads).toHaveLength(once);
    await log.cleanOnce();
    await readAll(log);
    expect(loads).toHaveLength(2 * once);
  });
});
