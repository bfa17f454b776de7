const REMEMBERED_MS = 1_000;
const FREE_MISSES = 5;
const MAX_KEYS = 10_000;

/**
 * Bounds what keys that do not exist may cost. The first misses of a key within a second each ask
 * Kafka, because "look, make, use" in quick succession must find what was made; more are answered
 * from memory. The bound in keys makes a flood of different keys cost no memory.
 */
export class MissLimiter {
  private readonly misses = new Map<string, { count: number; readonly until: number }>();

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /** Counts a miss. @returns whether it may ask Kafka */
  mayAsk(key: string): boolean {
    const now = this.nowMs();
    const entry = this.misses.get(key);
    if (entry === undefined || entry.until <= now) {
      this.remember(key, now);
      return true;
    }
    entry.count += 1;
    return entry.count <= FREE_MISSES;
  }

  private remember(key: string, now: number): void {
    this.misses.delete(key);
    this.misses.set(key, { count: 1, until: now + REMEMBERED_MS });
    if (this.misses.size <= MAX_KEYS) return;
    const [oldest] = this.misses.keys();
    if (oldest !== undefined) this.misses.delete(oldest);
  }
}
