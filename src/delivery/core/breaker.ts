/** How a breaker behaves. */
export interface BreakerOptions {
  /** Failures in a row, without a success between them, that open it. */
  readonly failures: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

export const defaultBreakerOptions: BreakerOptions = {
  failures: 20,
  firstPauseMs: 1_000,
  longestPauseMs: 60_000,
};

/** `closed`: all goes on. `open`: nothing is sent. `probing`: one attempt decides. */
export type BreakerState = 'closed' | 'open' | 'probing';

/**
 * A subscription's breaker (circuit breaker): opens after failures in a row, lets one probe through
 * after a pause, closes when that succeeds, else doubles the pause. Failures while it is not closed
 * cost no attempt. Pure: times are given, in monotonic milliseconds.
 */
export class Breaker {
  private failures = 0;
  private pauseMs: number;
  private current: BreakerState = 'closed';
  private probeAt = 0;

  constructor(private readonly options: BreakerOptions = defaultBreakerOptions) {
    this.pauseMs = options.firstPauseMs;
  }

  get state(): BreakerState {
    return this.current;
  }

  /** When the next probe may go; undefined unless open. */
  get nextProbeAt(): number | undefined {
    return this.current === 'open' ? this.probeAt : undefined;
  }

  /** Whether an attempt may start; the one that is let through when open is the probe. */
  allows(now: number): boolean {
    return this.current === 'closed' || (this.current === 'open' && now >= this.probeAt);
  }

  /** An attempt starts: with the breaker open it is the probe. */
  started(): void {
    if (this.current === 'open') this.current = 'probing';
  }

  /** The probe did not come to anything, for a reason that says nothing of the receiver. */
  probeAbandoned(): void {
    if (this.current === 'probing') this.current = 'open';
  }

  succeeded(): void {
    this.failures = 0;
    this.pauseMs = this.options.firstPauseMs;
    this.current = 'closed';
  }

  /**
   * An attempt failed.
   * @returns whether the failure opened the breaker, or kept it open
   */
  failed(now: number): boolean {
    this.failures += 1;
    if (this.current === 'closed' && this.failures < this.options.failures) return false;
    if (this.current === 'probing') {
      this.pauseMs = Math.min(this.pauseMs * 2, this.options.longestPauseMs);
    }
    // A late failure of an attempt from before it opened changes nothing.
    if (this.current !== 'open') this.probeAt = now + this.pauseMs;
    this.current = 'open';
    return true;
  }
}
