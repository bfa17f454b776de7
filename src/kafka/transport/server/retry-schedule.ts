import { translateDatabaseError, DatabaseUnavailable } from '../../../database/database.errors.js';
import { ContractViolated } from '../transport.errors.js';
import { backOffMs } from './back-off.js';

/** Waits between the tries of an event, in ms; after the last the event is a dead letter. */
export const EVENT_RETRIES_MS: readonly number[] = [100, 500, 2_000, 5_000];

/** How often an event is tried in all. */
export const MOST_ATTEMPTS = EVENT_RETRIES_MS.length + 1;

/** What follows a failed try: another one after `waitMs`, or the dead letters. */
export type NextStep =
  | { readonly kind: 'retry'; readonly waitMs: number; readonly countsAsAttempt: boolean }
  | { readonly kind: 'dead-letter' };

/**
 * Decides after a failure. A message that breaks its contract will not get better. While the
 * database is away no attempt is used up, however long it takes: else an outage would make every
 * event a dead letter.
 * @param attempt from 1
 * @param outages failures in a row for lack of the database, from 1
 */
export function afterFailure(
  error: unknown,
  attempt: number,
  outages: number,
  schedule: readonly number[] = EVENT_RETRIES_MS,
): NextStep {
  if (error instanceof ContractViolated) return { kind: 'dead-letter' };
  if (translateDatabaseError(error) instanceof DatabaseUnavailable) {
    return { kind: 'retry', waitMs: backOffMs(outages), countsAsAttempt: false };
  }
  const waitMs = schedule[attempt - 1];
  return waitMs === undefined
    ? { kind: 'dead-letter' }
    : { kind: 'retry', waitMs, countsAsAttempt: true };
}
