import * as fc from 'fast-check';

import { Delivery } from './delivery.js';
import { ReadyQueue } from './ready-queue.js';

const deliveryOf = (offset: number): Delivery => {
  const value = Buffer.alloc(offset % 5);
  const record = { key: null, value, headers: [], timestamp: 0 };
  const rest = { topicId: 't', recordKey: null, ordered: false, readAt: 0 };
  return new Delivery({ offset, record, ...rest });
};

const steps = fc.array(
  fc.tuple(
    fc.constantFrom('put', 'put', 'put', 'take', 'take', 'putFirst', 'takeEven', 'prune'),
    fc.nat({ max: 6 }),
  ),
  { maxLength: 80, size: 'max' },
);

const apply = (queue: ReadyQueue, list: Delivery[], step: string, offset: number): Delivery[] => {
  const isEven = (each: Delivery): boolean => each.offset % 2 === 0;
  if (step === 'put') {
    const delivery = deliveryOf(offset);
    queue.put(delivery);
    return [...list, delivery];
  }
  if (step === 'putFirst') {
    const delivery = deliveryOf(offset);
    queue.putFirst(delivery);
    return [delivery, ...list];
  }
  if (step === 'prune') {
    queue.prune(isEven);
    return list.filter(isEven);
  }
  const found = step === 'take' ? list[0] : list.find(isEven);
  expect(step === 'take' ? queue.take() : queue.takeFirst(isEven)).toBe(found);
  return list.filter((each) => each !== found);
};

describe('the queue of what may be sent', () => {
  it('gives what came first, but for what was put first', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const queue = new ReadyQueue();
        let list: Delivery[] = [];
        for (const [step, offset] of script) {
          list = apply(queue, list, step, offset);
          const bytes = list.reduce((sum, each) => sum + each.bytes, 0);
          const { size, first, bytes: told } = queue;
          expect({ size, first, told }).toEqual({ size: list.length, first: list[0], told: bytes });
        }
      }),
    );
  });

  it('stays the same when it grows long and is emptied again', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 700 }), { minLength: 1, maxLength: 5 }), (bursts) => {
        const queue = new ReadyQueue();
        let [put, taken] = [0, 0];
        for (const burst of bursts) {
          for (let times = 0; times < burst; times += 1) queue.put(deliveryOf(put++));
          for (let times = 0; times < burst * 0.8; times += 1) {
            expect(queue.take()?.offset).toBe(taken++);
          }
        }
        while (queue.size > 0) expect(queue.take()?.offset).toBe(taken++);
        expect([taken, queue.bytes]).toEqual([put, 0]);
      }),
      { numRuns: 30 },
    );
  });
});
