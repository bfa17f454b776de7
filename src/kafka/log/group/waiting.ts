import { setTimeout as delay } from 'node:timers/promises';

/** Lets a loop sleep until there is something to do; what comes while it works is remembered. */
export class Signal {
  private raised = false;
  private wake: (() => void) | undefined;

  raise(): void {
    this.raised = true;
    this.wake?.();
  }

  /** What was raised so far is being dealt with. */
  lower(): void {
    this.raised = false;
  }

  /** Resolves as soon as it is raised, or at once when it is. Stays raised. */
  async wait(): Promise<void> {
    if (this.raised) return;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
  }
}

/** Waits so many milliseconds, less when the signal aborts. */
export const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
};

/**
 * The outcome of `work`, or a rejection with the signal's reason as soon as it aborts; the work
 * then goes on, and nobody hears of its outcome.
 */
export const unlessAborted = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
};
