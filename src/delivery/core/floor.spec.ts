import * as fc from 'fast-check';

import { Floor } from './floor.js';

/** The same rules, told by a list: each offset read, and whether it is settled. */
class NaiveFloor {
  readonly offsets: { offset: number; settled: boolean }[] = [];
  constructor(public next: number) {}

  get value(): number {
    return this.offsets.find(({ settled }) => !settled)?.offset ?? this.next;
  }
}

type Step = { readonly gap: number } | { readonly settle: number };

const steps = fc.array(
  fc.oneof(
    fc.record({ gap: fc.nat({ max: 3 }) }),
    fc.record({ settle: fc.nat({ max: 30 }) }),
  ) as fc.Arbitrary<Step>,
  { maxLength: 200 },
);

const apply = (floor: Floor, naive: NaiveFloor, step: Step): void => {
  if ('gap' in step) {
    const offset = naive.next + step.gap;
    floor.read(offset);
    naive.offsets.push({ offset, settled: false });
    naive.next = offset + 1;
    return;
  }
  const entry = naive.offsets[step.settle % Math.max(1, naive.offsets.length)];
  if (entry === undefined) return;
  const before = naive.value;
  entry.settled = true;
  expect(floor.settle(entry.offset)).toBe(naive.value > before);
};

describe('the floor', () => {
  it('is the lowest unsettled offset, whatever the order of settling and the gaps', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1000 }), steps, (from, script) => {
        const floor = new Floor(from, 1_000);
        const naive = new NaiveFloor(from);
        for (const step of script) {
          apply(floor, naive, step);
          expect(floor.value).toBe(naive.value);
          expect(floor.nextOffset).toBe(naive.next);
        }
      }),
    );
  });

  it('never goes back', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const floor = new Floor(0, 1_000);
        const naive = new NaiveFloor(0);
        let last = floor.value;
        for (const step of script) {
          apply(floor, naive, step);
          expect(floor.value).toBeGreaterThanOrEqual(last);
          last = floor.value;
        }
      }),
    );
  });

  it('reaches the next offset once everything is settled, past what was never there', () => {
    const floor = new Floor(5, 10);
    floor.read(7);
    floor.passTo(12);
    expect(floor.value).toBe(7);
    floor.settle(7);
    expect(floor.value).toBe(12);
  });

  it('refuses to read more than its window holds', () => {
    const floor = new Floor(0, 2);
    floor.read(0);
    floor.read(1);
    expect(floor.full).toBe(true);
    expect(() => floor.read(2)).toThrow(RangeError);
    floor.settle(1);
    expect(floor.full).toBe(true);
    floor.settle(0);
    expect(floor.full).toBe(false);
  });

  it('refuses to settle what was not read, and to read backwards', () => {
    const floor = new Floor(0, 10);
    floor.read(3);
    expect(() => floor.settle(4)).toThrow(RangeError);
    expect(() => floor.read(3)).toThrow(RangeError);
    expect(floor.settle(1)).toBe(false);
  });
});
