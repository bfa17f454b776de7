import * as fc from 'fast-check';

import { LanePlace } from './lane-place.js';

type Step = readonly [
  'live' | 'catchUp' | 'settle' | 'drop' | 'behind' | 'rejoin' | 'jump',
  number,
];

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.tuple(
    fc.constantFrom<Step[0]>(
      ...(['live', 'live', 'live', 'catchUp', 'catchUp', 'catchUp', 'settle', 'settle'] as const),
      ...(['drop', 'behind', 'rejoin', 'jump'] as const),
    ),
    fc.nat({ max: 20 }),
  ),
  { maxLength: 120, size: 'max' },
);

/** A place, and what is known of each offset that exists: every other one, as offsets are not dense. */
class World {
  readonly place: LanePlace;
  /** Read and not settled. */
  readonly open = new Set<number>();
  /** Settled, or never there. */
  private readonly settled = new Set<number>();
  private reads: number;

  constructor(fromOffset: number | null, reads: number) {
    this.reads = reads;
    this.place = new LanePlace(fromOffset, 'start', reads);
    for (let offset = 0; offset < (fromOffset ?? reads); offset += 2) this.settled.add(offset);
  }

  step([what, n]: Step): void {
    const { place } = this;
    const [chosen] = [...this.open].slice(n % Math.max(1, this.open.size));
    if (what === 'live') this.readLive(n);
    else if (what === 'catchUp' && !place.followsLive) this.catchUp(n);
    else if (what === 'settle' && chosen !== undefined) this.settle(chosen);
    else if (what === 'drop' && !place.followsLive) this.goBehind();
    else if (what === 'behind') this.goBehind();
    else if (what === 'rejoin' && !place.followsLive && place.nextOffset === this.reads) {
      place.rejoin(this.reads);
    } else if (what === 'jump') this.jump(n);
  }

  /** What is read again after a crash must hold all that is not settled; nothing else is waited for. */
  get facts(): object {
    const { place } = this;
    const readAgain = place.fromOffset ?? Math.min(this.reads, place.liveBound ?? Infinity);
    const leftOut = [...this.open].filter((offset) => offset < readAgain);
    for (let offset = 0; offset < readAgain; offset += 2) {
      if (!this.settled.has(offset)) leftOut.push(offset);
    }
    const lowest = this.open.size === 0 ? undefined : Math.min(...this.open);
    const isAsked = place.followsLive || lowest !== undefined;
    const waitsFor = isAsked ? place.lowestUnsettled : undefined;
    return { leftOut, isRight: waitsFor === lowest };
  }

  private readLive(n: number): void {
    for (const end = this.reads + n; this.reads < end; this.reads += 1) {
      if (this.reads % 2 === 0 && this.place.followsLive) this.read(this.reads);
    }
  }

  private catchUp(n: number): void {
    const end = Math.min(this.place.nextOffset + n, this.reads);
    for (let offset = this.place.nextOffset; offset < end; offset += 1) {
      if (offset % 2 === 0 && !this.place.isSettled(offset)) this.read(offset);
    }
    this.place.passTo(end);
  }

  private read(offset: number): void {
    this.place.read(offset);
    this.open.add(offset);
  }

  private settle(offset: number): void {
    this.place.settle(offset);
    this.open.delete(offset);
    this.settled.add(offset);
  }

  /** What is open is dropped; it is in the log, so it is read again. */
  private goBehind(): void {
    this.place.goBehind('full', this.reads);
    for (const offset of this.open) this.place.drop(offset);
  }

  private jump(n: number): void {
    const offset = Math.min(this.place.nextOffset + n, this.reads, ...this.open);
    this.place.jump(offset, 'filter');
    this.open.clear();
    for (let each = 0; each < offset; each += 2) this.settled.add(each);
  }
}

describe('the place of a lane', () => {
  it('leaves no offset out between its row and the floor that it bounds', () => {
    fc.assert(
      fc.property(
        fc.option(fc.nat({ max: 9 }).map((half) => half * 2)),
        fc.nat({ max: 30 }),
        steps,
        (from, reads, script) => {
          const world = new World(from, Math.max(reads, from ?? 0));
          for (const step of script) {
            world.step(step);
            expect(world.facts).toEqual({ leftOut: [], isRight: true });
          }
        },
      ),
    );
  });

  it('holds nobody while it is behind, and the rest of its row only what live reads after it', () => {
    const place = new LanePlace(0, 'start', 10);
    place.read(4);
    place.passTo(10);
    expect(place.liveBound).toBeUndefined();
    place.rejoin(10);
    expect([place.fromOffset, place.liveBound]).toEqual([4, 10]);
    place.read(12);
    place.settle(4);
    expect([place.fromOffset, place.liveBound]).toEqual([null, 12]);
    place.settle(12);
    expect([place.fromOffset, place.liveBound]).toEqual([null, undefined]);
  });

  it('does not wait for what was dropped and is not there when it is read again', () => {
    const place = new LanePlace(null, null, 0);
    place.read(0);
    place.read(1);
    place.goBehind('full', 2);
    place.drop(0);
    place.drop(1);
    place.read(1);
    place.passTo(2);
    expect(place.fromOffset).toBe(1);
    place.settle(1);
    expect(place.fromOffset).toBe(2);
  });

  it('goes behind from where live is when all that it read is settled', () => {
    const place = new LanePlace(null, null, 0);
    place.read(0);
    place.settle(0);
    place.goBehind('full', 9);
    expect([place.fromOffset, place.nextOffset]).toEqual([9, 9]);
  });

  it('forgets by a jump what was to be read again', () => {
    const place = new LanePlace(null, null, 0);
    place.read(0);
    place.goBehind('full', 1);
    place.drop(0);
    place.jump(0, 'filter');
    place.passTo(1);
    expect(place.fromOffset).toBe(1);
  });

  it('refuses to follow live from anywhere but where live is', () => {
    const place = new LanePlace(3, 'full', 10);
    expect(() => place.rejoin(10)).toThrow(RangeError);
    place.passTo(10);
    place.rejoin(10);
    expect(place.followsLive).toBe(true);
  });
});
