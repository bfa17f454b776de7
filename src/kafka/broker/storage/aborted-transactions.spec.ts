import { appendFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endOffsetOf } from '../records/batches.js';
import { encodeEndMarker } from '../records/control-batch.js';
import { nodeFiles, type Files } from './files.js';
import { type PartitionLog } from './partition-log.js';
import {
  batchOf,
  crashCopy,
  openLog,
  runtimeWith,
  temporaryDirectory,
} from './testing/log-fixture.js';

const abort = { outcome: 'abort', coordinatorEpoch: 0 } as const;
const CONFIG = { segmentBytes: 100_000, retentionMs: -1 };

/** Begins a transaction of a producer that none had before. */
function begin(log: PartitionLog, producerId: number): Promise<unknown> {
  const of = { producerId, producerEpoch: 0, baseSequence: 0, transactional: true };
  return log.append(batchOf(['x'], of));
}

function abortOf(log: PartitionLog, producerId: number): Promise<unknown> {
  const marker = encodeEndMarker(abort, { producerId, producerEpoch: 0, timestamp: 1 });
  return log.append(marker, { origin: 'coordinator' });
}

/** So many aborted transactions of two records each, the marker counted. */
async function abortMany(log: PartitionLog, count: number): Promise<void> {
  for (let producerId = log.endOffset; count > 0; producerId += 2, count--) {
    await begin(log, producerId);
    await abortOf(log, producerId);
  }
}

/** First offsets of all that the log lists, read from start to end. */
async function listed(log: PartitionLog): Promise<number[]> {
  const found = new Set<number>();
  for (let offset = log.startOffset; offset < log.endOffset;) {
    const { records, abortedTransactions } = await log.readCommitted(offset, 10_000_000);
    for (const { firstOffset } of abortedTransactions) found.add(firstOffset);
    const end = endOffsetOf(records, offset);
    if (end === offset) break;
    offset = end;
  }
  return [...found];
}

const everyOther = (from: number, to: number): number[] =>
  Array.from({ length: (to - from) / 2 }, (_, index) => from + index * 2);

const indexFiles = (directory: string): string[] =>
  readdirSync(directory).filter((name) => name.endsWith('.txnindex'));

describe('aborted transactions', () => {
  it('are listed though retention lets go of them while they are read', async () => {
    const reads: (() => void)[] = [];
    let isHeld = false;
    const read: Files['read'] = async (...args) => {
      const count = await nodeFiles.read(...args);
      if (isHeld) await new Promise<void>((resolve) => void reads.push(resolve));
      return count;
    };
    const config = { segmentBytes: 300_000, retentionMs: -1 };
    const log = await openLog({ config, runtime: runtimeWith({ read }, 0) });
    await abortMany(log, 3_000);
    isHeld = true;
    const reading = log.readCommitted(0, 1_000);
    while (reads.length === 0) await new Promise((resolve) => setImmediate(resolve));
    isHeld = false;
    await log.deleteRecordsBefore(5_500);
    expect((await log.cleanOnce()).deletedSegments).toBeGreaterThan(0);
    reads[0]!();
    const { records, abortedTransactions } = await reading;
    expect(records.length).toBeGreaterThan(0);
    expect(abortedTransactions[0]).toEqual({ producerId: 0, firstOffset: 0, lastOffset: 1 });
  });

  it('that end while a checkpoint waits for the disk are there after a crash', async () => {
    const directory = temporaryDirectory();
    const syncs: (() => void)[] = [];
    let isHeld = false;
    const syncPath: Files['syncPath'] = async (path) => {
      if (isHeld) await new Promise<void>((resolve) => void syncs.push(resolve));
      await nodeFiles.syncPath(path);
    };
    const log = await openLog({ directory, fsync: 'always', runtime: runtimeWith({ syncPath }) });
    await abortMany(log, 3);
    await begin(log, 100);
    isHeld = true;
    const deleted = log.deleteRecordsBefore(1);
    while (syncs.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await abortOf(log, 100);
    isHeld = false;
    for (const release of syncs) release();
    await deleted;
    const again = await openLog({ directory: crashCopy(directory), leaderEpoch: 1 });
    const { abortedTransactions } = await again.readCommitted(1, 10_000);
    expect(abortedTransactions.map(({ firstOffset }) => firstOffset)).toEqual([0, 2, 4, 6]);
  });

  it.each<[string, (path: string) => void]>([
    ['is damaged', (path) => writeFileSync(path, readFileSync(path).fill(1, 100, 101))],
    ['is too short', (path) => truncateSync(path, 1_000)],
    ['is gone', (path) => nodeFiles.remove(path)],
    ['has more than was checkpointed', (path) => appendFileSync(path, Buffer.alloc(320, 7))],
  ])('are known again where their file %s', async (_name, harm) => {
    const directory = temporaryDirectory();
    const former = await openLog({ directory });
    await abortMany(former, 1_500);
    await former.close();
    harm(join(directory, indexFiles(directory)[0]!));
    const log = await openLog({ directory, leaderEpoch: 1 });
    expect(await listed(log)).toEqual(everyOther(0, 3_000));
    await abortMany(log, 1_500);
    await log.close();
    expect(await listed(await openLog({ directory, leaderEpoch: 2 }))).toEqual(
      everyOther(0, 6_000),
    );
  });

  it('are known again after a crash at any time, while most of them are let go', async () => {
    const directory = temporaryDirectory();
    const copies: string[] = [];
    let isWatched = false;
    const before =
      <A extends unknown[], R>(action: (...args: A) => R) =>
      (...args: A): R => {
        if (isWatched) copies.push(crashCopy(directory));
        return action(...args);
      };
    const runtime = runtimeWith({
      open: before(nodeFiles.open),
      write: before(nodeFiles.write),
      store: before(nodeFiles.store),
      remove: before(nodeFiles.remove),
    });
    const log = await openLog({ directory, config: CONFIG, runtime });
    await abortMany(log, 8_000);
    isWatched = true;
    await log.deleteRecordsBefore(15_000);
    await log.cleanOnce();
    isWatched = false;
    await abortMany(log, 10);
    copies.push(crashCopy(directory));
    await log.close();
    expect(indexFiles(directory)).toEqual(['1.txnindex']);
    expect(copies.length).toBeGreaterThan(20);
    for (const copy of [...copies, directory]) {
      const again = await openLog({ directory: copy, config: CONFIG, leaderEpoch: 1 });
      expect(await listed(again)).toEqual(
        everyOther(again.startOffset - (again.startOffset % 2), again.endOffset),
      );
      await again.close();
    }
  }, 60_000);

  it('are those of the log where it is cut', async () => {
    const directory = temporaryDirectory();
    const log = await openLog({ directory, config: CONFIG });
    await abortMany(log, 2_000);
    await log.truncate(1_001);
    expect(await listed(log)).toEqual(everyOther(0, 1_000));
    await abortOf(log, 1_000);
    await abortMany(log, 100);
    await log.close();
    const again = await openLog({ directory, config: CONFIG, leaderEpoch: 1 });
    expect(await listed(again)).toEqual([...everyOther(0, 1_002), ...everyOther(1_002, 1_202)]);
  });
});

describe('aborted transactions that were forgotten before they were ever stored', () => {
  it('do not have others listed twice', async () => {
    const directory = temporaryDirectory();
    let isFull = false;
    const open: Files['open'] = (path, create) => {
      if (isFull && path.endsWith('.txnindex')) throw new Error('no space');
      return nodeFiles.open(path, create);
    };
    const config = { segmentBytes: 50_000, retentionMs: -1 };
    const log = await openLog({ directory, config, runtime: runtimeWith({ open }) });
    await abortMany(log, 10);
    await log.deleteRecordsBefore(1);
    isFull = true;
    await abortMany(log, 1_990);
    // Segments go all the same.
    await log.deleteRecordsBefore(3_000).catch(() => undefined);
    isFull = false;
    await log.deleteRecordsBefore(3_001);
    await log.deleteRecordsBefore(3_002);
    await abortMany(log, 100);
    await log.close();
    const again = await openLog({ directory, config, leaderEpoch: 1 });
    for (let offset = again.startOffset; offset < again.endOffset;) {
      const { records, abortedTransactions } = await again.readCommitted(offset, 10_000);
      const end = endOffsetOf(records, offset);
      const firstOffsets = abortedTransactions.map(({ firstOffset }) => firstOffset);
      expect(firstOffsets).toEqual(everyOther(offset - (offset % 2), end + (end % 2)));
      offset = end;
    }
  });
});
