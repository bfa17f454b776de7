import { setTimeout as delay } from 'node:timers/promises';

import { LogUnavailable } from '../log.errors.js';

const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 500;

/** Pauses that double from 25 ms to half a second. */
export const pauseBeforeAttempt = (attempt: number): number =>
  Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);

/**
 * Repeats `attempt` while it fails with LogUnavailable, until `withinMs` have passed; then throws
 * that error. Other errors are thrown at once.
 */
export const retrying = async <T>(attempt: () => Promise<T>, withinMs: number): Promise<T> => {
  const end = performance.now() + withinMs;
  for (let count = 0; ; count += 1) {
    try {
      return await attempt();
    } catch (error) {
      const pause = pauseBeforeAttempt(count);
      if (!(error instanceof LogUnavailable) || performance.now() + pause > end) throw error;
      await delay(pause);
    }
  }
};
