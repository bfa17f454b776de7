/** When failed attempts are made again. Pure: times and random numbers are given. */
export interface RetrySchedule {
  /** Milliseconds before the second, third, … attempt; after the last one there is none. */
  readonly pausesMs: readonly number[];
  /** Share of a pause by which it is lengthened at random, 0 to 1. */
  readonly jitter: number;
}

/** A receiver may ask for at most this pause. */
export const LONGEST_RETRY_AFTER_MS = 86_400_000;

/**
 * When to try again after `attempts` failed ones; undefined when they are used up. A receiver's
 * Retry-After lengthens the pause, never shortens it, and counts for at most a day.
 * @param attempts made so far, at least 1
 * @param random 0 to 1
 * @returns Unix milliseconds
 */
export function nextAttemptAt(
  schedule: RetrySchedule,
  attempts: number,
  now: number,
  { random, retryAfterMs = 0 }: { readonly random: number; readonly retryAfterMs?: number },
): number | undefined {
  const pause = schedule.pausesMs[attempts - 1];
  if (pause === undefined) return undefined;
  const asked = Math.min(Math.max(0, retryAfterMs), LONGEST_RETRY_AFTER_MS);
  return now + Math.max(pause * (1 + schedule.jitter * random), asked);
}
