import { setImmediate } from 'node:timers/promises';
import { allDone } from './all-done.js';
import { ITEMS_TOGETHER } from './taking-turns.js';

/**
 * Does some work with all items, so many at a time, also where it fails with some; everybody else has
 * a turn between.
 * @throws the first failure, at the end
 */
export async function inSlices<T>(
  items: readonly T[],
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const slices: Promise<void>[] = [];
  for (let from = 0; from < items.length; from += ITEMS_TOGETHER) {
    if (from > 0) await setImmediate();
    const slice = allDone(items.slice(from, from + ITEMS_TOGETHER).map(work));
    await Promise.allSettled([slice]);
    slices.push(slice);
  }
  await allDone(slices);
}
