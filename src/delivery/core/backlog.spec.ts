import * as fc from 'fast-check';

import { Backlog } from './backlog.js';

const slices = fc.record({
  step: fc.nat({ max: 9 }),
  records: fc.nat({ max: 5 }),
  bytes: fc.nat({ max: 50 }),
});
const steps = fc.array(fc.oneof(slices, fc.nat({ max: 12 })), { maxLength: 60, size: 'max' });

describe('the backlog', () => {
  it('holds the slices that the floor has not passed altogether', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const backlog = new Backlog({ records: 12, bytes: 120 });
        let kept: { nextOffset: number; records: number; bytes: number }[] = [];
        let [reads, floor] = [0, 0];
        for (const step of script) {
          if (typeof step === 'number') {
            floor = Math.min(floor + step, reads);
            backlog.passed(floor);
            kept = kept.filter(({ nextOffset }) => nextOffset > floor);
          } else {
            reads += step.step;
            const slice = { nextOffset: reads, records: step.records, bytes: step.bytes };
            backlog.add(slice);
            kept.push(slice);
          }
          const records = kept.reduce((sum, slice) => sum + slice.records, 0);
          const bytes = kept.reduce((sum, slice) => sum + slice.bytes, 0);
          expect(backlog.size).toBe(records);
          expect(backlog.full).toBe(records >= 12 || bytes >= 120);
        }
      }),
    );
  });

  it('is empty, whatever it held, when the floor has reached where reading goes on', () => {
    fc.assert(
      fc.property(fc.array(slices), (read) => {
        const backlog = new Backlog({ records: 1, bytes: 1 });
        let nextOffset = 0;
        for (const { step, records, bytes } of read) {
          nextOffset += step;
          backlog.add({ nextOffset, records, bytes });
        }
        backlog.passed(nextOffset);
        expect(backlog).toMatchObject({ size: 0, full: false });
      }),
    );
  });

  it('is full by records or by bytes', () => {
    const backlog = new Backlog({ records: 10, bytes: 100 });
    backlog.add({ nextOffset: 1, records: 1, bytes: 100 });
    expect(backlog.full).toBe(true);
    backlog.passed(1);
    expect(backlog.full).toBe(false);
    backlog.add({ nextOffset: 9, records: 10, bytes: 0 });
    expect(backlog.full).toBe(true);
  });
});
