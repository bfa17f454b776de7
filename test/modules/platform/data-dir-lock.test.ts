import { fork, type ChildProcess } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartRefused } from '../../../src/config/start-refused.js';
import { lockDataDir, type DataDirLock } from '../../../src/platform/data-dir-lock.js';
import { withScratchDirectory } from './scratch-directory.js';

const holder = join(import.meta.dirname, 'socket-holder.mjs');

/** A process that listens on the lock's socket, as a Millrace that runs does. */
function holdElsewhere(path: string): Promise<ChildProcess> {
  const child = fork(holder, [path]);
  return new Promise((resolve) => {
    child.once('message', () => resolve(child));
  });
}

const kill = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });

describe("a data directory's lock", () => {
  it('is given to one at a time, by name of the directory', () =>
    withScratchDirectory(async (directory) => {
      const lock = await lockDataDir(directory);
      await expect(lockDataDir(directory)).rejects.toThrow(StartRefused);
      await expect(lockDataDir(directory)).rejects.toThrow(directory);
      await lock.release();
      const again = await lockDataDir(directory);
      await again.release();
      expect(await readdir(directory)).toEqual([]);
    }));

  it('is given to exactly one of many that start at once over a dead one', () =>
    withScratchDirectory(async (directory) => {
      await kill(await holdElsewhere(join(directory, 'lock')));
      expect(await readdir(directory)).toEqual(['lock']);
      const outcomes = await Promise.allSettled(
        Array.from({ length: 12 }, () => lockDataDir(directory)),
      );
      const locks = outcomes.filter(
        (outcome): outcome is PromiseFulfilledResult<DataDirLock> => outcome.status === 'fulfilled',
      );
      expect(locks).toHaveLength(1);
      await locks[0]?.value.release();
    }));

  it('is kept from others by a process that runs, and free once that was killed', () =>
    withScratchDirectory(async (directory) => {
      const child = await holdElsewhere(join(directory, 'lock'));
      await expect(lockDataDir(directory)).rejects.toThrow(StartRefused);
      await kill(child);
      await (await lockDataDir(directory)).release();
    }));

  it('works for a directory whose path is too long for a socket', () =>
    withScratchDirectory(async (directory) => {
      const deep = join(directory, 'd'.repeat(100), 'e'.repeat(100));
      await mkdir(deep, { recursive: true });
      const lock = await lockDataDir(deep);
      await expect(lockDataDir(deep)).rejects.toThrow(StartRefused);
      await lock.release();
    }));

  it('is not fooled by a plain file of its name', () =>
    withScratchDirectory(async (directory) => {
      await writeFile(join(directory, 'lock'), 'left by something else');
      const lock = await lockDataDir(directory);
      await expect(lockDataDir(directory)).rejects.toThrow(StartRefused);
      await lock.release();
    }));
});
