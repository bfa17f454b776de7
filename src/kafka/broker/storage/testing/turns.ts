import { readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { type Files } from '../files.js';

/** Reads without a wait: the only turns of the event loop are those that the code leaves. */
export const readAtOnce: Files['read'] = (fd, into, position) =>
  Promise.resolve(readSync(fd, into, 0, into.length, position));

/** Turns of the event loop that others have until the work is done. */
export async function turnsBeside(work: Promise<unknown>): Promise<number> {
  const progress = { isDone: false };
  const done = work.finally(() => (progress.isDone = true));
  let turns = 0;
  for (; !progress.isDone; turns += 1) await setImmediate();
  await done;
  return turns;
}
