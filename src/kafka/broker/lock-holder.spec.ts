import { readdir } from 'node:fs/promises';
import { thisProcess, type LockHolder } from './lock-holder.js';
import {
  acquire,
  claimedBy,
  givesSigns,
  hastened,
  holderOf,
  withDirectory,
} from './testing/held-directory.js';

/** Holders whose pid, which is another process's or thread's here, does not tell whether they live. */
const UNSURE: readonly (readonly [string, () => Promise<Partial<LockHolder>>])[] = [
  ['of another container', async () => ({ startedAt: 'then', home: 'elsewhere' })],
  ['off Linux, of an old broker', async () => ({ home: null })],
  ['off Linux, seen from here', async () => ({ home: 'laptop.local' })],
  ['whose process cannot be told from others', async () => ({ home: (await thisProcess()).home })],
  ['of another thread', () => thisProcess()],
];

describe.each(UNSURE)('a lock %s', (_, more) => {
  it('is respected while its holder gives signs of life', () =>
    withDirectory(async (directory) => {
      claimedBy(directory, process.pid, await more());
      const end = givesSigns(directory);
      await expect(acquire(directory)).rejects.toMatchObject({ pid: process.pid });
      end();
      expect(await readdir(directory)).toEqual(['broker.lock']);
    }));

  it('is free when its holder stays silent', () =>
    withDirectory(async (directory) => {
      claimedBy(directory, process.pid, await more());
      const lock = await hastened(() => acquire(directory));
      expect(holderOf(directory)).toMatchObject(await thisProcess());
      expect(holderOf(directory).id).toEqual(expect.any(String));
      await lock.release();
    }));
});
