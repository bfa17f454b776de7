import type { Timers } from './timers.js';

/** Member ids handed out (KIP-394) that have not come back; each for a session's time. */
export class PendingMembers {
  private readonly timeouts = new Map<string, () => void>();

  /** @param onForgotten called when one did not come back or gave up. */
  constructor(
    private readonly timers: Timers,
    private readonly onForgotten: () => void,
  ) {}

  get size(): number {
    return this.timeouts.size;
  }

  expect(memberId: string, sessionTimeoutMs: number): void {
    this.timeouts.set(
      memberId,
      this.timers.after(sessionTimeoutMs, () => {
        this.forget(memberId);
      }),
    );
  }

  /** It came back; false for one that is not expected. */
  take(memberId: string): boolean {
    this.timeouts.get(memberId)?.();
    return this.timeouts.delete(memberId);
  }

  /** It gave up, or its time is over; false for one that is not expected. */
  forget(memberId: string): boolean {
    const expected = this.take(memberId);
    if (expected) this.onForgotten();
    return expected;
  }

  clear(): void {
    for (const cancel of this.timeouts.values()) cancel();
    this.timeouts.clear();
  }
}
