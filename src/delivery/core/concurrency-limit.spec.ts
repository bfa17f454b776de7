import * as fc from 'fast-check';

import { ConcurrencyLimit } from './concurrency-limit.js';

const maxima = fc.integer({ min: 1, max: 100 });
const steps = fc.array(fc.oneof(fc.constantFrom('up', 'down'), maxima), {
  maxLength: 100,
  size: 'max',
});

describe('the limit of attempts under way', () => {
  it('is at least one and at most the maximum, whatever happens', () => {
    fc.assert(
      fc.property(maxima, steps, (first, script) => {
        const limit = new ConcurrencyLimit(first);
        let maximum = first;
        for (const step of script) {
          if (typeof step === 'number') limit.setMaximum((maximum = step));
          else if (step === 'up') limit.succeeded();
          else limit.slowDown();
          expect(limit.value).toBeGreaterThanOrEqual(1);
          expect(limit.value).toBeLessThanOrEqual(maximum);
          expect(Number.isInteger(limit.value)).toBe(true);
        }
      }),
    );
  });

  it('is halved by each request to slow down', () => {
    const limit = new ConcurrencyLimit(40);
    limit.slowDown();
    expect(limit.value).toBe(20);
    limit.slowDown();
    limit.slowDown();
    expect(limit.value).toBe(5);
  });

  it('comes back by one for each round of successes, up to the maximum', () => {
    fc.assert(
      fc.property(maxima, fc.integer({ min: 1, max: 8 }), (maximum, halvings) => {
        const limit = new ConcurrencyLimit(maximum);
        for (let times = 0; times < halvings; times += 1) limit.slowDown();
        let rounds = 0;
        for (; limit.value < maximum; rounds += 1) {
          const before = limit.value;
          for (let times = 0; times <= before; times += 1) limit.succeeded();
          expect(limit.value).toBeGreaterThan(before);
          expect(limit.value).toBeLessThanOrEqual(before + 2);
        }
        expect(rounds).toBeLessThanOrEqual(maximum);
      }),
    );
  });

  it('does not fall so far below one that it would take longer to come back', () => {
    const limit = new ConcurrencyLimit(4);
    for (let times = 0; times < 20; times += 1) limit.slowDown();
    limit.succeeded();
    expect(limit.value).toBe(2);
  });

  it('follows another maximum: all the way when it was not slowed down', () => {
    const limit = new ConcurrencyLimit(10);
    limit.setMaximum(50);
    expect(limit.value).toBe(50);
    limit.slowDown();
    limit.setMaximum(100);
    expect(limit.value).toBe(25);
    limit.setMaximum(7);
    expect(limit.value).toBe(7);
  });
});
