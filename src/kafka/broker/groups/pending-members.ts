import { OBJECT_BYTES, type GroupMemory } from './group-memory.js';
import type { Timers } from './timers.js';

/** Member ids handed out (KIP-394) that have not come back; each for a session's time. */
export class PendingMembers {
  private readonly timeouts = new Map<string, () => void>();

  /** Taken from the memory of all groups. */
  private bytes = 0;

  /** @param onForgotten called when one did not come back or gave up. */
  constructor(
    private readonly timers: Timers,
    private readonly memory: GroupMemory,
    private readonly onForgotten: () => void,
  ) {}

  get size(): number {
    return this.timeouts.size;
  }

  expect(memberId: string, sessionTimeoutMs: number): void {
    this.weigh(OBJECT_BYTES + memberId.length);
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
    const expected = this.timeouts.delete(memberId);
    if (expected) this.weigh(-OBJECT_BYTES - memberId.length);
    return expected;
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
    this.weigh(-this.bytes);
  }

  private weigh(bytes: number): void {
    this.bytes += bytes;
    this.memory.take(bytes);
  }
}
