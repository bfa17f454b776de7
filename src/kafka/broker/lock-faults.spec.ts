import { jest } from '@jest/globals';
import * as real from 'node:fs/promises';

const link = jest.fn(real.link);
const lutimes = jest.fn(real.lutimes);
jest.unstable_mockModule('node:fs/promises', () => ({ ...real, link, lutimes }));
const { DirectoryLock } = await import('./directory-lock.js');
const { HardLinksMissing } = await import('./lock-file.js');
const { acquire, withDirectory } = await import('./testing/held-directory.js');

afterEach(() => {
  link.mockReset().mockImplementation(real.link);
  lutimes.mockReset().mockImplementation(real.lutimes);
  jest.useRealTimers();
});

describe('signs of life', () => {
  it('are given one at a time, where the disk hangs', () =>
    withDirectory(async (directory) => {
      jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'performance'] });
      const lock = await acquire(directory);
      lutimes.mockClear().mockReturnValue(new Promise(() => undefined));
      jest.advanceTimersByTime(5_000);
      expect(lutimes).toHaveBeenCalledTimes(1);
      await lock.release();
    }));

  it('that fail are told of at the start, and again only after one that succeeds', () =>
    withDirectory(async (directory) => {
      jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'performance'] });
      const failure = new Error('EIO');
      const failures: unknown[] = [];
      const sign = async (): Promise<void> => {
        jest.advanceTimersByTime(1_000);
        await new Promise(setImmediate);
      };
      lutimes.mockRejectedValue(failure);
      const lock = await DirectoryLock.acquire(directory, (error) => failures.push(error));
      expect(failures).toEqual([failure]);
      await sign();
      expect(failures).toEqual([failure]);
      lutimes.mockResolvedValueOnce(undefined);
      await sign();
      await sign();
      expect(failures).toEqual([failure, failure]);
      await lock.release();
    }));
});

describe('a data directory where files cannot have two names', () => {
  it.each(['EPERM', 'ENOTSUP'])('is refused with a word on it: %s', (code) =>
    withDirectory(async (directory) => {
      link.mockRejectedValue(Object.assign(new Error(code), { code }));
      await expect(acquire(directory)).rejects.toThrow(HardLinksMissing);
      expect(await real.readdir(directory)).toEqual([]);
    }),
  );
});
