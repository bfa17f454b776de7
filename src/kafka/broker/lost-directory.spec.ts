import { jest } from '@jest/globals';
import { lstatSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { eventually } from '../../../test/support/eventually.js';
import { DataDirectoryLost, DirectoryLock } from './directory-lock.js';
import { nodeFiles } from './storage/files.js';
import { acquire, claimedBy, lockOf, withDirectory } from './testing/held-directory.js';

const OTHER = { pid: 4242, home: 'elsewhere' };

/** Has another broker take a directory, a long time ago. */
function takenByOther(directory: string): void {
  claimedBy(directory, OTHER.pid, OTHER);
  utimesSync(lockOf(directory), 1, 1);
}

afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

describe('a lock that is held', () => {
  it('is given signs of life, until it is released', () =>
    withDirectory(async (directory) => {
      jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'performance'] });
      const lock = await acquire(directory);
      const timeNow = (): number => statSync(lockOf(directory)).mtimeMs;
      const signed = async (): Promise<number> => {
        jest.advanceTimersByTime(1_000);
        await new Promise(setImmediate);
        return timeNow();
      };
      utimesSync(lockOf(directory), 1, 1);
      while ((await signed()) === 1_000);
      await lock.release();
      expect(await readdir(directory)).toEqual([]);
      takenByOther(directory);
      for (let second = 0; second < 5; second++) expect(await signed()).toBe(1_000);
      expect(jest.getTimerCount()).toBe(0);
      expect(lock.lost.aborted).toBe(false);
    }));

  it('tells once that it cannot be given signs', () =>
    withDirectory(async (directory) => {
      jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'performance'] });
      const failures: unknown[] = [];
      const lock = await DirectoryLock.acquire(directory, (error) => failures.push(error));
      rmSync(lockOf(directory));
      mkdirSync(lockOf(directory));
      jest.advanceTimersByTime(1_000);
      await new Promise(setImmediate);
      jest.advanceTimersByTime(3_000);
      expect(failures).toEqual([expect.objectContaining({ code: 'EISDIR' })]);
      expect(lock.lost.aborted).toBe(false);
      lock.requireHeld();
      await expect(lock.release()).rejects.toMatchObject({ code: 'EISDIR' });
      rmSync(lockOf(directory), { recursive: true });
      await (await acquire(directory)).release();
    }));
});

describe('a lock that was taken on a full disk', () => {
  const { store } = nodeFiles;
  afterEach(() => {
    nodeFiles.store = store;
  });

  it('is known as the own one', () =>
    withDirectory(async (directory) => {
      nodeFiles.store = () => {
        throw Object.assign(new Error('no room'), { code: 'ENOSPC' });
      };
      const lock = await acquire(directory);
      expect(lstatSync(lockOf(directory)).isSymbolicLink()).toBe(true);
      const now = performance.now.bind(performance);
      jest.spyOn(performance, 'now').mockImplementation(() => now() + 6_000);
      lock.requireHeld();
      await lock.release();
      expect(await readdir(directory)).toEqual([]);
    }));
});

describe('a lock that another broker has taken', () => {
  it('is found out, and is left to that one', () =>
    withDirectory(async (directory) => {
      const lock = await acquire(directory);
      takenByOther(directory);
      const said = readFileSync(lockOf(directory), 'utf8');
      await eventually(
        () => lock.lost.aborted,
        (isLost) => isLost,
      );
      expect(lock.lost.reason).toBeInstanceOf(DataDirectoryLost);
      await lock.release();
      expect(readFileSync(lockOf(directory), 'utf8')).toBe(said);
      expect(statSync(lockOf(directory)).mtimeMs).toBe(1_000);
    }));

  it('is left to that one also by who stops before it is found out', () =>
    withDirectory(async (directory) => {
      const lock = await acquire(directory);
      takenByOther(directory);
      await lock.release();
      expect(await readdir(directory)).toEqual(['broker.lock']);
    }));

  it.each([
    ['taken', takenByOther],
    ['and given back', (directory: string) => rmSync(lockOf(directory))],
  ])('is found out before the first change after a pause: %s', (_, happens) =>
    withDirectory(async (directory) => {
      const lock = await acquire(directory);
      const now = performance.now.bind(performance);
      lock.requireHeld();
      happens(directory);
      jest.spyOn(performance, 'now').mockImplementation(() => now() + 6_000);
      expect(() => lock.requireHeld()).toThrow(DataDirectoryLost);
      expect(lock.lost.aborted).toBe(true);
      await lock.release();
    }),
  );
});
