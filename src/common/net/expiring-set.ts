import type { Clock } from '../clock.js';

/** A set whose items leave by themselves, all after the same time. */
export class ExpiringSet {
  /** When each item leaves, the next one first. */
  private readonly until = new Map<string, number>();

  constructor(
    private readonly lifetimeMs: number,
    private readonly clock: Clock,
  ) {}

  has(item: string): boolean {
    this.removeExpired();
    return this.until.has(item);
  }

  /** An item that is there already stays for another lifetime. */
  add(item: string): void {
    this.removeExpired();
    this.until.delete(item);
    this.until.set(item, this.clock.monotonicMs() + this.lifetimeMs);
  }

  private removeExpired(): void {
    const now = this.clock.monotonicMs();
    for (const [item, until] of this.until) {
      if (until > now) return;
      this.until.delete(item);
    }
  }
}
