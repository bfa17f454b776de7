import * as fc from 'fast-check';

import { Breaker, type BreakerOptions } from './breaker.js';

const options: BreakerOptions = { failures: 3, firstPauseMs: 100, longestPauseMs: 1_000 };

type Step = 'succeed' | 'fail' | 'start' | 'abandon' | number;

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.constantFrom<Step>('fail', 'fail', 'start', 'start', 'succeed', 'abandon'),
    fc.nat({ max: 300 }),
  ),
  { maxLength: 80, size: 'max' },
);

/** The same rules, told by what happened: failures in a row, openings in a row, the next probe. */
class NaiveBreaker {
  inARow = 0;
  openings = 0;
  probeAt: number | undefined;
  isProbing = false;

  allows(now: number): boolean {
    return this.probeAt === undefined || (!this.isProbing && now >= this.probeAt);
  }

  succeed(): void {
    Object.assign(this, { inARow: 0, openings: 0, probeAt: undefined, isProbing: false });
  }

  fail(now: number): void {
    this.inARow += 1;
    const opens = this.probeAt === undefined ? this.inARow >= options.failures : this.isProbing;
    if (!opens) return;
    this.openings += 1;
    this.isProbing = false;
    this.probeAt =
      now + Math.min(options.firstPauseMs * 2 ** (this.openings - 1), options.longestPauseMs);
  }
}

describe('a breaker', () => {
  it('opens after failures in a row, lets one probe through after a pause that doubles', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const breaker = new Breaker(options);
        const naive = new NaiveBreaker();
        let now = 0;
        for (const step of script) {
          if (typeof step === 'number') now += step;
          else if (step === 'succeed') {
            breaker.succeeded();
            naive.succeed();
          } else if (step === 'fail') {
            expect(breaker.failed(now)).toBe(
              naive.inARow + 1 >= options.failures || naive.probeAt !== undefined,
            );
            naive.fail(now);
          } else if (step === 'abandon') {
            breaker.probeAbandoned();
            naive.isProbing = false;
          } else if (breaker.allows(now)) {
            breaker.started();
            naive.isProbing = naive.probeAt !== undefined;
          }
          expect(breaker.allows(now)).toBe(naive.allows(now));
          expect(breaker.nextProbeAt).toBe(naive.isProbing ? undefined : naive.probeAt);
          expect(breaker.state === 'closed').toBe(naive.probeAt === undefined);
        }
      }),
    );
  });

  it('stays closed while a success comes before the last failure that it takes', () => {
    const breaker = new Breaker(options);
    for (let round = 0; round < 10; round += 1) {
      breaker.failed(0);
      breaker.failed(0);
      breaker.succeeded();
    }
    expect(breaker.state).toBe('closed');
  });

  it('does not put its probe off for an attempt from before it opened that fails late', () => {
    const breaker = new Breaker(options);
    for (const now of [0, 1, 2]) breaker.failed(now);
    expect(breaker.nextProbeAt).toBe(102);
    expect(breaker.failed(50)).toBe(true);
    expect(breaker.nextProbeAt).toBe(102);
  });

  it('begins with the first pause again after a success', () => {
    const breaker = new Breaker(options);
    for (const now of [0, 0, 0]) breaker.failed(now);
    breaker.started();
    breaker.failed(100);
    expect(breaker.nextProbeAt).toBe(300);
    breaker.succeeded();
    for (const now of [500, 500, 500]) breaker.failed(now);
    expect(breaker.nextProbeAt).toBe(600);
  });

  it('lets another probe through at once when one came to nothing', () => {
    const breaker = new Breaker(options);
    for (const now of [0, 0, 0]) breaker.failed(now);
    breaker.started();
    expect(breaker.allows(100)).toBe(false);
    breaker.probeAbandoned();
    expect(breaker.allows(100)).toBe(true);
  });
});
