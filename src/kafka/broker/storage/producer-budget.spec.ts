import { setImmediate } from 'node:timers/promises';
import { encodeEndMarker } from '../records/control-batch.js';
import { nodeFiles } from './files.js';
import { StorageRuntime } from './storage-runtime.js';
import { type PartitionLog } from './partition-log.js';
import { batchOf, openLog, temporaryDirectory } from './testing/log-fixture.js';

async function write(log: PartitionLog, from: number, to: number, more = {}): Promise<void> {
  for (let producerId = from; producerId < to; producerId++) {
    const producer = { producerId, producerEpoch: 0, baseSequence: 0 };
    await log.append(batchOf(['a'], { ...producer, ...more }));
  }
}

const idsOf = (log: PartitionLog): number[] => log.producers().map(({ producerId }) => producerId);

describe('the producers that all logs remember', () => {
  it('are bounded at the cost of the log that remembers most', async () => {
    const runtime = new StorageRuntime({ maxProducers: 100 });
    const [crowded, modest] = [await openLog({ runtime }), await openLog({ runtime })];
    await write(modest, 0, 5);
    await write(crowded, 1_000, 2_000);
    expect(idsOf(modest)).toEqual([0, 1, 2, 3, 4]);
    expect(idsOf(crowded).length).toBeLessThanOrEqual(95);
    expect(idsOf(crowded)).toContain(1_999);
  });

  it('are none of a log that is closed, and those of one that is opened', async () => {
    const runtime = new StorageRuntime({ maxProducers: 100 });
    const directory = temporaryDirectory();
    for (let leaderEpoch = 0; leaderEpoch < 3; leaderEpoch++) {
      const log = await openLog({ runtime, directory, leaderEpoch });
      await write(log, leaderEpoch * 30, leaderEpoch * 30 + 30);
      expect(idsOf(log)).toHaveLength((leaderEpoch + 1) * 30);
      await log.close();
    }
    const other = await openLog({ runtime });
    await write(other, 0, 100);
    expect(idsOf(other)).toHaveLength(100);
  });

  it('stay while their transactions are open', async () => {
    const runtime = new StorageRuntime({ maxProducers: 10 });
    const log = await openLog({ runtime });
    await write(log, 0, 20, { transactional: true });
    expect(idsOf(log)).toHaveLength(20);
  });

  it.each([10, undefined])(
    'never lack the one that is writing, though the clock went back, with %s at most',
    async (maxProducers) => {
      let now = 1_000_000;
      const log = await openLog({
        runtime: new StorageRuntime({ maxProducers }),
        clock: () => now,
      });
      await write(log, 0, maxProducers ?? 2_000);
      now -= 5;
      await write(log, 9_999, 10_000, { transactional: true });
      expect(idsOf(log)).toContain(9_999);
      const marker = { outcome: 'commit', coordinatorEpoch: 0 } as const;
      const ending = { producerId: 9_999, producerEpoch: 0, timestamp: 1 };
      await log.append(encodeEndMarker(marker, ending), { origin: 'coordinator' });
      expect(log.lastStableOffset).toBe(log.endOffset);
    },
  );

  it('are bounded too where a log is opened that has more', async () => {
    const directory = temporaryDirectory();
    const former = await openLog({ directory });
    await write(former, 0, 50);
    await former.close();
    const runtime = new StorageRuntime({ maxProducers: 30 });
    const log = await openLog({ runtime, directory, leaderEpoch: 1 });
    expect(idsOf(log)).toEqual(Array.from({ length: 25 }, (_, index) => index + 25));
  });

  it('are bounded also where the log that has most may forget none', async () => {
    const runtime = new StorageRuntime({ maxProducers: 10 });
    await write(await openLog({ runtime }), 0, 50, { transactional: true });
    const others = [await openLog({ runtime }), await openLog({ runtime })];
    for (const log of others) await write(log, 100, 140);
    const remembered = others.flatMap(idsOf);
    expect(remembered.length).toBeLessThan(10);
    expect(remembered).toContain(139);
  });

  it('are counted once, though a repair of their log fails', async () => {
    let [syncs, reads] = [true, true];
    const runtime = new StorageRuntime({
      maxProducers: 40,
      files: {
        ...nodeFiles,
        sync: (fd) => (syncs ? nodeFiles.sync(fd) : Promise.reject(new Error('EIO'))),
        read: (fd, into, at) =>
          reads ? nodeFiles.read(fd, into, at) : Promise.reject(new Error('EIO')),
      },
    });
    const log = await openLog({ runtime, fsync: 'always' });
    await write(log, 0, 20);
    await log.deleteRecordsBefore(1);
    syncs = false;
    await expect(log.append(batchOf(['x']))).rejects.toThrow('the log did not reach');
    [syncs, reads] = [true, false];
    for (let times = 0; times < 10; times++) {
      await expect(log.append(batchOf(['x']))).rejects.toThrow('the log is being repaired');
      for (let turns = 0; turns < 50; turns++) await setImmediate();
    }
    reads = true;
    const other = await openLog({ runtime });
    await write(other, 100, 118);
    expect(idsOf(other)).toHaveLength(18);
  });
});
