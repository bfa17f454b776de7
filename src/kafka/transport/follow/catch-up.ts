import { within } from '../within.js';

/**
 * Shares one costly catch-up among many callers: one runs at a time, and all who come meanwhile get
 * the next one, because the running one may have asked for the end before they came.
 */
export class SharedCatchUp {
  private running: Promise<void> | undefined;
  private next: Promise<void> | undefined;

  /** @param catchUp reads to the end as of its call */
  constructor(private readonly catchUp: () => Promise<void>) {}

  /** Resolves after a catch-up that began after this call, or after `ms`. Never rejects. */
  async wait(ms: number): Promise<void> {
    const giveUp = new Error('not caught up in time');
    await within(ms, this.join(), () => giveUp).catch(() => undefined);
  }

  private join(): Promise<void> {
    if (this.running === undefined) return this.begin();
    this.next ??= this.running.then(() => this.begin());
    return this.next;
  }

  private begin(): Promise<void> {
    this.next = undefined;
    const running = this.catchUp()
      .catch(() => undefined)
      .finally(() => {
        if (this.running === running) this.running = undefined;
      });
    this.running = running;
    return running;
  }
}
