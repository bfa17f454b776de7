/** Lets one waiter sleep until somebody wakes it, time is up, or a signal aborts. */
export class WakeUp {
  private awake = false;
  private wakeWaiter: (() => void) | undefined;

  /** Wakes the waiter; without one, the next wait ends at once. */
  wake(): void {
    this.awake = true;
    this.wakeWaiter?.();
  }

  async wait(ms: number, signal?: AbortSignal): Promise<void> {
    if (!this.awake && signal?.aborted !== true) await this.sleep(ms, signal);
    this.awake = false;
    this.wakeWaiter = undefined;
  }

  private sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', finish);
        resolve();
      };
      const timer = setTimeout(finish, ms);
      signal?.addEventListener('abort', finish, { once: true });
      this.wakeWaiter = finish;
    });
  }
}
