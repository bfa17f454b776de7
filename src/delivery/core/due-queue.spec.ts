import * as fc from 'fast-check';

import { DueQueue } from './due-queue.js';

type Step =
  | { readonly set: number; readonly due: number }
  | { readonly delete: number }
  | { readonly take: number }
  | { readonly shift: number };

const items = fc.nat({ max: 7 });
const times = fc.nat({ max: 20 });
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({ set: items, due: times }),
    fc.record({ set: items, due: times }),
    fc.record({ delete: items }),
    fc.record({ take: times }),
    fc.record({ shift: fc.nat({ max: 5 }) }),
  ),
  { maxLength: 120, size: 'max' },
);

/** The same, told by a table. */
class NaiveQueue {
  readonly dues = new Map<number, number>();

  get nextDue(): number | undefined {
    return this.dues.size === 0 ? undefined : Math.min(...this.dues.values());
  }
}

const apply = (queue: DueQueue<number>, naive: NaiveQueue, step: Step): void => {
  if ('set' in step) {
    queue.set(step.set, step.due);
    naive.dues.set(step.set, step.due);
  } else if ('delete' in step) {
    queue.delete(step.delete);
    naive.dues.delete(step.delete);
  } else if ('shift' in step) {
    queue.shift(step.shift);
    for (const [item, due] of naive.dues) naive.dues.set(item, due + step.shift);
  } else {
    const isDue = (naive.nextDue ?? Infinity) <= step.take;
    const taken = queue.take(step.take);
    expect(taken === undefined).toBe(!isDue);
    if (taken === undefined) return;
    // Of those that are due first, any may come.
    expect(naive.dues.get(taken)).toBe(naive.nextDue);
    naive.dues.delete(taken);
  }
};

describe('the queue of what is due', () => {
  it('gives the earliest item that is due, each once, at its newest time', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const queue = new DueQueue<number>();
        const naive = new NaiveQueue();
        for (const step of script) {
          apply(queue, naive, step);
          expect(queue.size).toBe(naive.dues.size);
          expect(queue.nextDue).toBe(naive.nextDue);
        }
      }),
    );
  });

  it('sorts', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { maxLength: 200, size: 'max' }), (dues) => {
        const queue = new DueQueue<number>();
        dues.forEach((due, item) => queue.set(item, due));
        const taken: number[] = [];
        for (let item = queue.take(Infinity); item !== undefined; item = queue.take(Infinity)) {
          taken.push(dues[item] ?? NaN);
        }
        expect(taken).toEqual([...dues].sort((one, other) => one - other));
      }),
    );
  });
});
