import { ContractViolated } from '../transport.errors.js';

/** For requests that name no deadline, from the time the record was written. */
export const DEFAULT_PATIENCE_MS = 30_000;
/** However far away a deadline is, a handler gets no longer than this. */
export const LONGEST_PATIENCE_MS = 300_000;

/**
 * When nobody waits for a reply any more, in Unix milliseconds.
 * @param header text of the deadline header
 * @param sentAtMs the record's timestamp
 * @throws ContractViolated when the header is no time
 */
export function deadlineOf(header: string | undefined, sentAtMs: number): number {
  if (header === undefined) return sentAtMs + DEFAULT_PATIENCE_MS;
  const deadline = Number(header);
  if (header.trim() === '' || !Number.isSafeInteger(deadline) || deadline < 0) {
    throw new ContractViolated('The deadline is not a time in Unix milliseconds.', {
      deadline: header,
    });
  }
  return deadline;
}

/** Milliseconds that are left; 0 or less: too late. */
export const patienceMs = (deadline: number, nowMs: number): number =>
  Math.min(deadline - nowMs, LONGEST_PATIENCE_MS);
