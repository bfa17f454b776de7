import * as fc from 'fast-check';

import { ExceptionBudget, type ExceptionShare } from './exception-budget.js';

const steps = fc.array(
  fc.record({ to: fc.nat({ max: 5 }), rows: fc.option(fc.nat({ max: 9 }), { nil: undefined }) }),
  { maxLength: 60, size: 'max' },
);

describe('the bound on rows', () => {
  it('is held against the rows of all lanes that were not let go of', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), steps, (maximum, script) => {
        const budget = new ExceptionBudget(maximum);
        const shares = new Map<number, ExceptionShare>();
        for (const { to, rows } of script) {
          if (rows === undefined) {
            shares.get(to)?.release();
            shares.delete(to);
          } else {
            const share = shares.get(to) ?? budget.share();
            shares.set(to, share);
            share.rows = rows;
          }
          const held = [...shares.values()].reduce((sum, share) => sum + share.rows, 0);
          expect(budget.held).toBe(held);
          expect(budget.exhausted).toBe(held >= maximum);
          for (const share of shares.values()) expect(share.exhausted).toBe(held >= maximum);
        }
      }),
    );
  });

  it('is not touched by a share that is let go of twice', () => {
    const budget = new ExceptionBudget(1);
    const [one, other] = [budget.share(), budget.share()];
    one.rows = 1;
    other.rows = 1;
    one.release();
    one.release();
    expect(budget.held).toBe(1);
  });
});
