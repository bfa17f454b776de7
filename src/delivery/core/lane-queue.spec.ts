import * as fc from 'fast-check';

import { Delivery } from './delivery.js';
import { LaneQueue } from './lane-queue.js';

const deliveryOf = (offset: number, recordKey: string | null): Delivery => {
  const record = { key: null, value: Buffer.alloc(1 + (offset % 3)), headers: [], timestamp: 0 };
  return new Delivery({ topicId: 't', offset, recordKey, ordered: true, readAt: 0, record });
};

type Step = readonly [
  'enter' | 'next' | 'any' | 'leave' | 'wait' | 'putFirst' | 'unload' | 'drop',
  number,
];

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.tuple(
    fc.constantFrom<Step[0]>(
      ...(['enter', 'enter', 'enter', 'next', 'next', 'any', 'leave', 'leave'] as const),
      ...(['wait', 'putFirst', 'unload', 'drop'] as const),
    ),
    fc.nat({ max: 20 }),
  ),
  { maxLength: 100, size: 'max' },
);

/** A queue and all that are in it. */
class World {
  readonly queue = new LaneQueue();
  readonly present = new Set<Delivery>();
  private readonly faults: string[] = [];
  private now = 0;
  private offset = 0;

  of(...states: readonly string[]): Delivery[] {
    return [...this.present].filter(({ state }) => states.includes(state));
  }

  step([what, n]: Step): void {
    this.now += 1;
    const inFlight = this.of('in-flight');
    const one = inFlight[n % Math.max(1, inFlight.length)];
    if (what === 'enter')
      this.enter(deliveryOf((this.offset += 1), [null, 'a', 'b'][n % 3] ?? null));
    else if (what === 'next') this.take(this.queue.next(this.now));
    else if (what === 'any') this.take(this.queue.any(this.now, n / 21));
    else if (what === 'drop') this.drop(({ offset }) => offset % 4 === n % 4);
    else if (what === 'unload') for (const each of this.of('queued')) this.queue.unload(each);
    else if (one !== undefined) this.end(one, what, n);
  }

  /** What the queue says, and whether each key has at most one that does not wait for it. */
  get told(): object {
    const going = (key: string): boolean => {
      const ofKey = [...this.present].filter(({ orderKey }) => orderKey === key);
      const waiting = ofKey.filter(({ state }) => state === 'queued').length;
      return ofKey.length - waiting === Math.min(1, ofKey.length);
    };
    const { bytes, size, nextDue } = this.queue;
    return { bytes, size, nextDue, oneGoes: going('a') && going('b'), faults: this.faults };
  }

  get expected(): object {
    const bytes = this.of('ready', 'queued').reduce((sum, each) => sum + each.bytes, 0);
    const dues = this.of('retrying').map(({ due }) => due ?? 0);
    const nextDue = dues.length === 0 ? undefined : Math.min(...dues);
    return { bytes, size: this.of('ready').length, nextDue, oneGoes: true, faults: [] };
  }

  private enter(delivery: Delivery): void {
    this.present.add(delivery);
    this.queue.enter(delivery);
  }

  private take(delivery: Delivery | undefined): void {
    const isDue = this.of('retrying').some((each) => (each.due ?? 0) <= this.now);
    const mayGo = isDue || this.of('ready').length > 0;
    if (delivery === undefined && mayGo) this.faults.push('nothing was given');
    if (delivery !== undefined && delivery.state !== 'in-flight') this.faults.push(delivery.state);
  }

  private end(delivery: Delivery, what: Step[0], n: number): void {
    if (what === 'wait') this.queue.wait(delivery, this.now + n);
    else if (what === 'putFirst') this.queue.putFirst(delivery);
    else {
      this.present.delete(delivery);
      delivery.state = 'over';
      this.queue.leave(delivery);
    }
  }

  private drop(goes: (delivery: Delivery) => boolean): void {
    const dropped = new Set(this.of('ready', 'queued').filter(goes));
    this.queue.drop(dropped);
    for (const each of dropped) this.present.delete(each);
  }
}

describe('the queue of a lane', () => {
  it('lets one of each key go, and counts the bytes of all that wait', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const world = new World();
        for (const step of script) {
          world.step(step);
          expect(world.told).toEqual(world.expected);
        }
      }),
    );
  });

  it('gives retries that are due and what waits in turn, so that neither keeps the other waiting', () => {
    const queue = new LaneQueue();
    for (let offset = 0; offset < 6; offset += 1) queue.enter(deliveryOf(offset, null));
    const failed = [1, 2, 3].map(() => queue.next(0));
    for (const each of failed) if (each !== undefined) queue.wait(each, 10);
    for (let offset = 6; offset < 9; offset += 1) queue.enter(deliveryOf(offset, null));
    const sent = [1, 2, 3, 4, 5, 6].map(() => queue.next(10)?.offset ?? NaN);
    const isRetry = sent.map((offset) => offset < 3);
    expect(isRetry.slice(0, 2).sort()).toEqual([false, true]);
    expect(isRetry.slice(2, 4).sort()).toEqual([false, true]);
    expect(isRetry.slice(4, 6).sort()).toEqual([false, true]);
  });

  it('counts the bytes of one that waited for its key once', () => {
    const queue = new LaneQueue();
    const [one, other] = [deliveryOf(1, 'a'), deliveryOf(2, 'a')];
    queue.enter(one);
    queue.enter(other);
    expect(queue.bytes).toBe(one.bytes + other.bytes);
    queue.next(0);
    queue.leave(one);
    expect(queue.bytes).toBe(other.bytes);
    queue.next(0);
    expect(queue.bytes).toBe(0);
  });

  it('gives only what fits, and retries', () => {
    const queue = new LaneQueue();
    for (const offset of [1, 2, 3]) queue.enter(deliveryOf(offset, null));
    const isThree = ({ offset }: Delivery): boolean => offset === 3;
    expect(queue.next(0, isThree)?.offset).toBe(3);
    expect(queue.next(0, isThree)).toBeUndefined();
    expect(queue.first?.offset).toBe(1);
  });

  it('finds one to probe with that fits, whatever number chooses it', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (random) => {
        const queue = new LaneQueue();
        for (const offset of [1, 2, 3]) queue.enter(deliveryOf(offset, null));
        expect(queue.any(0, random, ({ offset }) => offset === 1)?.offset).toBe(1);
      }),
    );
  });

  it('moves the times of retries', () => {
    const queue = new LaneQueue();
    queue.enter(deliveryOf(1, null));
    const delivery = queue.next(0);
    if (delivery !== undefined) queue.wait(delivery, 100);
    queue.shift(50);
    expect(queue.nextDue).toBe(150);
    expect(queue.next(149)).toBeUndefined();
    expect(queue.next(150)).toBe(delivery);
  });
});
