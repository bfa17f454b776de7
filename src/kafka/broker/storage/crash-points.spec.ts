import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { nodeFiles, type Files } from './files.js';
import {
  batchOf,
  crashCopy,
  openLog,
  readAll,
  readValues,
  runtimeWith,
  temporaryDirectory,
} from './testing/log-fixture.js';

const config = { segmentBytes: 400 };
const valueAt = (index: number): string => `v${index}-${'x'.repeat((index * 37) % 90)}`;
const valuesUpTo = (count: number): string[] => Array.from({ length: count }, (_, i) => valueAt(i));

/** A log of several segments, left by a crash, of which no checkpoint is there. */
async function logWithoutCheckpoint(count: number): Promise<string> {
  const directory = temporaryDirectory();
  const log = await openLog({ directory, config });
  for (let index = 0; index < count; index++) await log.append(batchOf([valueAt(index)]));
  const copy = crashCopy(directory);
  rmSync(join(copy, 'checkpoint'), { force: true });
  return copy;
}

const logsIn = (directory: string): string[] =>
  readdirSync(directory)
    .filter((name) => name.endsWith('.log'))
    .sort()
    .map((name) => join(directory, name));

describe('a crash while recovery cuts the log', () => {
  it('never leaves a hole behind', async () => {
    const directory = await logWithoutCheckpoint(40);
    const damaged = logsIn(directory)[1]!;
    const bytes = readFileSync(damaged);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(damaged, bytes);
    const copies: string[] = [];
    const before =
      <A extends unknown[]>(action: (...args: A) => void) =>
      (...args: A): void => {
        copies.push(crashCopy(directory));
        action(...args);
      };
    const files: Partial<Files> = {
      remove: before(nodeFiles.remove),
      truncate: before(nodeFiles.truncate),
    };
    const whole = await readValues(
      await openLog({ directory, config, leaderEpoch: 1, runtime: runtimeWith(files) }),
    );
    expect(whole).toEqual(valuesUpTo(whole.length));
    expect(copies.length).toBeGreaterThan(5);
    for (const copy of copies) {
      const log = await openLog({ directory: copy, config, leaderEpoch: 2 });
      expect(await readValues(log)).toEqual(whole);
    }
  });
});

describe('a base offset that was damaged', () => {
  // Where the batch lies in the file, and what is added to its offset.
  it.each([
    ['the first of the only segment, too high', 0, 7n],
    ['a later one, too high', 3, 1n],
    ['a later one, far too high', 3, 2n ** 40n],
    ['a later one, too low', 3, -2n],
    ['the last one, too high', 5, 1000n],
  ])('ends the log there: %s', async (_name, index, by) => {
    const directory = temporaryDirectory();
    const log = await openLog({ directory });
    const positions: number[] = [];
    for (let at = 0; at < 6; at++) {
      positions.push(log.sizeBytes);
      await log.append(batchOf([valueAt(at)]));
    }
    const copy = crashCopy(directory);
    const [path] = logsIn(copy);
    const bytes = readFileSync(path!);
    bytes.writeBigInt64BE(bytes.readBigInt64BE(positions[index]!) + by, positions[index]!);
    writeFileSync(path!, bytes);
    const again = await openLog({ directory: copy, leaderEpoch: 1 });
    expect(again.endOffset).toBe(index);
    expect(await readValues(again)).toEqual(valuesUpTo(index));
  });
});

describe('a log that was cut and grew again', () => {
  it('is not measured by the checkpoint from before the cut', async () => {
    const directory = temporaryDirectory();
    const first = await openLog({ directory });
    for (let index = 0; index < 10; index++) await first.append(batchOf([valueAt(index)]));
    await first.close();
    let isFull = false;
    const files: Partial<Files> = {
      truncate: (fd, size) => {
        isFull = true;
        nodeFiles.truncate(fd, size);
      },
      store: (path, bytes) => {
        if (isFull && path.endsWith('/checkpoint')) throw new Error('no space left on device');
        nodeFiles.store(path, bytes);
      },
    };
    const log = await openLog({ directory, leaderEpoch: 1, runtime: runtimeWith(files) });
    await expect(log.truncate(5)).rejects.toThrow('no space left');
    for (let index = 5; index < 30; index++) await log.append(batchOf([`w${index}`]));
    const again = await openLog({ directory: crashCopy(directory), leaderEpoch: 2 });
    const later = Array.from({ length: 25 }, (_, index) => `w${index + 5}`);
    expect(await readValues(again)).toEqual([...valuesUpTo(5), ...later]);
  });

  it('takes appends into a segment that was never compacted', async () => {
    const directory = temporaryDirectory();
    const compacted = { ...config, cleanupPolicy: 'compact', minCleanableDirtyRatio: 0 } as const;
    const log = await openLog({ directory, config: compacted });
    for (let index = 0; index < 40; index++) await log.append(batchOf([`k${index % 7}=${index}`]));
    await log.cleanOnce();
    await log.truncate(20);
    await log.append(batchOf(['k=new']));
    const copy = crashCopy(directory);
    rmSync(join(copy, 'checkpoint'));
    const again = await openLog({ directory: copy, config: compacted, leaderEpoch: 1 });
    expect(await readValues(again)).toEqual(await readValues(log));
  });
});

describe('directories under fsync always', () => {
  it('are synced again when a segment was made while they were being synced', async () => {
    const waiting: (() => void)[] = [];
    let holds = false;
    const synced: string[] = [];
    const directory = temporaryDirectory();
    const syncPath = async (path: string): Promise<void> => {
      if (holds && path === directory) await new Promise<void>((go) => waiting.push(go));
      synced.push(path);
    };
    const runtime = runtimeWith({ syncPath });
    const log = await openLog({ directory, config, fsync: 'always', runtime });
    holds = true;
    const first = log.append(batchOf(['x'.repeat(300)]));
    while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const rolled = log.append(batchOf(['y'.repeat(300)]));
    holds = false;
    waiting.shift()!();
    await Promise.all([first, rolled]);
    expect(logsIn(directory)).toHaveLength(2);
    expect(synced.filter((path) => path === directory).length).toBeGreaterThanOrEqual(2);
  });
});

describe('idempotent producers of a log', () => {
  it('are remembered up to a bound, the newest ones', async () => {
    let now = 0;
    const log = await openLog({ clock: () => now });
    const at = (producerId: number, baseSequence: number): Buffer =>
      batchOf(['a'], { producerId, producerEpoch: 0, baseSequence });
    for (now = 0; now < 5_000; now++) await log.append(at(now, 0));
    expect(log.producers().length).toBeLessThanOrEqual(2_000);
    expect(await log.append(at(4_999, 0))).toMatchObject({ duplicate: true });
    expect(await log.append(at(4_999, 1))).toMatchObject({ duplicate: false });
  });
});

describe('a compacted log whose newest file is gone', () => {
  it('has all of what was compacted', async () => {
    const directory = temporaryDirectory();
    const compacted = { ...config, cleanupPolicy: 'compact', minCleanableDirtyRatio: 0 } as const;
    const log = await openLog({ directory, config: compacted });
    for (let index = 0; index < 20; index++) {
      await log.append(batchOf([index % 2 ? `k=${index}` : `u${index}=1`]));
    }
    await log.cleanOnce(5_000);
    const offsets = (await readAll(log)).map(({ offset }) => offset);
    await log.close();
    const newest = logsIn(directory).at(-1)!;
    const base = Number(basename(newest, '.log'));
    rmSync(newest);
    const again = await openLog({ directory, config: compacted, leaderEpoch: 1 });
    expect((await readAll(again)).map(({ offset }) => offset)).toEqual(
      offsets.filter((offset) => offset < base),
    );
  });
});
