/**
 * How many attempts of a subscription may be under way: its own maximum, halved whenever the
 * receiver asks for less (429, 502, 504), and raised again by one per round of successes (additive
 * increase, multiplicative decrease). Pure.
 */
export class ConcurrencyLimit {
  private limit: number;

  constructor(private maximum: number) {
    this.limit = maximum;
  }

  /** At least 1. */
  get value(): number {
    return Math.max(1, Math.floor(this.limit));
  }

  /** Another maximum from now on. */
  setMaximum(maximum: number): void {
    if (maximum === this.maximum) return;
    this.limit = this.limit >= this.maximum ? maximum : Math.min(this.limit, maximum);
    this.maximum = maximum;
  }

  succeeded(): void {
    if (this.limit < this.maximum) {
      this.limit = Math.min(this.maximum, this.limit + 1 / Math.max(1, this.limit));
    }
  }

  slowDown(): void {
    this.limit = Math.max(1, this.limit / 2);
  }
}
