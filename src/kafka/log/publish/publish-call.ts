import type { OutgoingRecord, StoredAt } from '../event-log.js';
import type { LogError } from '../log.errors.js';

/** One call of `publish`: collects the outcome of each of its records. */
export class PublishCall {
  private readonly outcomes: (StoredAt | LogError)[] = [];
  private open: number;

  constructor(
    count: number,
    /** When it was made, on the monotonic clock. */
    readonly madeAt: number,
    private readonly done: (outcomes: readonly (StoredAt | LogError)[]) => void,
  ) {
    this.open = count;
  }

  /** Notes one record's outcome; the last one completes the call. */
  settle(index: number, outcome: StoredAt | LogError): void {
    this.outcomes[index] = outcome;
    this.open -= 1;
    if (this.open === 0) this.done(this.outcomes);
  }
}

/** A record on its way, with the call that waits for it. */
export interface PendingRecord {
  readonly record: OutgoingRecord;
  /** Most bytes that it takes in a batch. */
  readonly size: number;
  readonly call: PublishCall;
  /** Its place in the call. */
  readonly index: number;
}
