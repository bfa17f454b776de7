import { readFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { eventually } from '../../../../test/support/eventually.js';
import { nodeFiles } from './files.js';
import { KeyValueLog, type Change } from './key-value-log.js';
import { crashCopy, runtimeWith, temporaryDirectory } from './testing/log-fixture.js';

/** Changes that are written in one step: some keys, a new value or the end of each. */
type Write = readonly Change[];
type Content = Readonly<Record<string, string>>;

const change: fc.Arbitrary<Change> = fc.tuple(
  fc.constantFrom('a', 'b', 'c', 'd'),
  fc.oneof(fc.constant(null), fc.string()),
);
const writes: fc.Arbitrary<readonly Write[]> = fc.array(
  fc.uniqueArray(change, { minLength: 1, maxLength: 4, selector: ([key]) => key }),
  { minLength: 1, maxLength: 20 },
);

function contentAfter(done: readonly Write[]): Content {
  const values = new Map<string, string>();
  for (const [key, value] of done.flat()) {
    if (value === null) values.delete(key);
    else values.set(key, value);
  }
  return Object.fromEntries(values);
}

const contentOf = (map: KeyValueLog): Content => Object.fromEntries(map.entries());

describe('a key value log', () => {
  it('is after damage what it was after some whole write, at least the last one before it', async () => {
    await fc.assert(
      fc.asyncProperty(
        writes,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.constantFrom('cut', 'flip'),
        async (all, where, damage) => {
          const directory = temporaryDirectory();
          const map = await KeyValueLog.open({ directory, leaderEpoch: 0, fsync: 'never' });
          const file = join(
            directory,
            readdirSync(directory).find((name) => name.endsWith('.log'))!,
          );
          const ends: number[] = [];
          for (const write of all) {
            await map.write(write);
            ends.push(statSync(file).size);
          }
          const at = Math.floor(where * ends.at(-1)!);
          const bytes = readFileSync(file);
          await map.close();
          // What a checkpoint vouches for is not read at a start.
          rmSync(join(directory, 'checkpoint'));
          writeFileSync(file, bytes);
          if (damage === 'cut') truncateSync(file, at);
          else writeFileSync(file, bytes.with(at, bytes[at]! ^ 0x5a));
          const whole = ends.filter((end) => end <= at).length;
          const again = await KeyValueLog.open({ directory, leaderEpoch: 1, fsync: 'never' });
          // A flip of the leader epoch harms nothing: it lies outside the checksum.
          const headAt = at - (ends[whole - 1] ?? 0);
          const harmless = damage === 'flip' && headAt >= 12 && headAt < 16;
          expect(contentOf(again)).toEqual(contentAfter(harmless ? all : all.slice(0, whole)));
          await again.write([['a', 'next']]);
          expect(contentOf(again)['a']).toBe('next');
          await again.close();
        },
      ),
      { numRuns: 60 },
    );
  });

  it('has its newest values again after a restart and after compaction', async () => {
    const directory = temporaryDirectory();
    let map = await KeyValueLog.open({ directory, leaderEpoch: 0, fsync: 'always' });
    await Promise.all([
      map.write([
        ['a', '1'],
        ['b', '1'],
      ]),
      map.write([['a', '2']]),
    ]);
    await map.write([['b', null]]);
    const crashed = await KeyValueLog.open({
      directory: crashCopy(directory),
      leaderEpoch: 1,
      fsync: 'never',
    });
    expect(contentOf(crashed)).toEqual({ a: '2' });
    await map.close();
    map = await KeyValueLog.open({ directory, leaderEpoch: 1, fsync: 'never' });
    await map.cleanOnce();
    expect(contentOf(map)).toEqual({ a: '2' });
  });

  it('forgets what must go whatever the disk says, and says so once there is room', async () => {
    let isFull = false;
    const write: typeof nodeFiles.write = (fd, bytes, position) => {
      if (isFull) throw new Error('no space left on device');
      nodeFiles.write(fd, bytes, position);
    };
    const runtime = runtimeWith({ write });
    const directory = temporaryDirectory();
    const map = await KeyValueLog.open({ directory, leaderEpoch: 0, fsync: 'never', runtime });
    const before = map.sizeBytes;
    await map.write([
      ['a', '1'],
      ['b', '1'],
    ]);
    isFull = true;
    await map.forget(['a', 'b', 'c']);
    expect([contentOf(map), map.sizeBytes]).toEqual([{}, before]);
    isFull = false;
    await map.write([['b', '2']]);
    await map.close();
    const again = await KeyValueLog.open({ directory, leaderEpoch: 1, fsync: 'never' });
    expect(contentOf(again)).toEqual({ b: '2' });
  });

  describe('what it owes the disk', () => {
    let isFull = false;
    const write: typeof nodeFiles.write = (fd, bytes, position) => {
      if (isFull) throw new Error('no space left on device');
      nodeFiles.write(fd, bytes, position);
    };
    const open = (directory: string) =>
      KeyValueLog.open({
        directory,
        leaderEpoch: 0,
        fsync: 'never',
        runtime: runtimeWith({ write }),
      });

    it.each([
      ['another change', (map: KeyValueLog) => map.write([['x', '1']])],
      ['compaction', (map: KeyValueLog) => map.cleanOnce()],
      ['its close', (map: KeyValueLog) => map.close()],
    ])('does not take a value that a key gets again together with %s', async (_, andThat) => {
      const directory = temporaryDirectory();
      const map = await open(directory);
      await map.write([['a', '1']]);
      isFull = true;
      await map.forget(['a']);
      isFull = false;
      await Promise.all([map.write([['a', '2']]), andThat(map)]);
      expect(contentOf(await open(directory))).toMatchObject({ a: '2' });
    });

    it('does not take what was written before, and came true after the key was forgotten', async () => {
      const syncs: { done: () => void; fail: (error: Error) => void }[] = [];
      let isHeld = false;
      const sync: typeof nodeFiles.sync = async (fd) => {
        if (isHeld) await new Promise<void>((done, fail) => void syncs.push({ done, fail }));
        await nodeFiles.sync(fd);
      };
      const nextSync = () => eventually(() => syncs.shift(), Boolean);
      const directory = temporaryDirectory();
      const runtime = runtimeWith({ sync });
      const map = await KeyValueLog.open({ directory, leaderEpoch: 0, fsync: 'always', runtime });
      await map.write([['a', '1']]);
      isHeld = true;
      const written = map.write([['a', '2']]);
      const first = await nextSync();
      const forgotten = map.forget(['a']);
      first!.done();
      await written;
      const last = await nextSync();
      isHeld = false;
      last!.fail(new Error('input/output error'));
      await forgotten;
      // It takes nothing until it is mended.
      const tryWrite = () =>
        map.write([['x', '1']]).then(
          () => true,
          () => false,
        );
      await eventually(tryWrite, Boolean);
      await map.close();
      expect(contentOf(map)).toEqual({ a: '2', x: '1' });
      expect(contentOf(await open(directory))).toEqual({ a: '2', x: '1' });
    });

    it('is said when it is closed', async () => {
      const directory = temporaryDirectory();
      const map = await open(directory);
      await map.write([['a', '1']]);
      isFull = true;
      await map.forget(['a']);
      isFull = false;
      await map.close();
      expect(contentOf(await open(directory))).toEqual({});
    });
  });
});
