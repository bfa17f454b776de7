import { within } from '../within.js';

/**
 * Shares one costly catch-up among many callers: one runs at a time, and all who come meanwhile get
 * the next one, because the running one may have asked for the end before they came.
 */
export class SharedCatchUp {
  private running: Promise<boolean> | undefined;
  private next: Promise<boolean> | undefined;

  /** @param catchUp reads to the end as of its call */
  constructor(private readonly catchUp: () => Promise<void>) {}

  /**
   * Resolves after a catch-up that began after this call, or after `ms`. Never rejects.
   * @returns whether it succeeded in time
   */
  wait(ms: number): Promise<boolean> {
    const giveUp = new Error('not caught up in time');
    return within(ms, this.join(), () => giveUp).catch(() => false);
  }

  private join(): Promise<boolean> {
    if (this.running === undefined) return this.begin();
    this.next ??= this.running.then(() => this.begin());
    return this.next;
  }

  private begin(): Promise<boolean> {
    this.next = undefined;
    const running = this.catchUp()
      .then(
        () => true,
        () => false,
      )
      .finally(() => {
        if (this.running === running) this.running = undefined;
      });
    this.running = running;
    return running;
  }
}
