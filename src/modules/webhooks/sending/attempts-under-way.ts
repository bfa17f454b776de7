import type { Attempt } from './attempt.js';

/**
 * The attempts that one signal breaks off. An array, from which the last one moves into the place of
 * the one that ended: a Map that is changed for each request would keep what it let go of from the
 * collector (old hash tables stay linked to new ones).
 */
export class AttemptsUnderWay {
  private readonly attempts: Attempt[] = [];

  /** One listener, however many attempts the signal serves. */
  constructor(signal: AbortSignal) {
    signal.addEventListener('abort', () => this.breakOff(signal.reason as Error), { once: true });
  }

  add(attempt: Attempt): void {
    attempt.place = this.attempts.length;
    this.attempts.push(attempt);
  }

  delete({ place }: Attempt): void {
    const last = this.attempts.pop();
    if (last === undefined || last.place === place) return;
    this.attempts[place] = last;
    last.place = place;
  }

  private breakOff(reason: Error): void {
    for (const attempt of this.attempts.splice(0)) attempt.abandon(reason);
  }
}
