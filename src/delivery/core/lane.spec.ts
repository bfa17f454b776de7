import * as fc from 'fast-check';

import { LaneWorld, type WorldOptions } from './testing/lane-world.js';

const KEYS = ['a', 'b', null] as const;

/** What may happen, how often relative to others, and how. */
const HAPPENINGS: Readonly<
  Record<string, readonly [number, (world: LaneWorld, n: number) => void]>
> = {
  publish: [10, (world, n) => world.publish(KEYS[n % 3] ?? null, n % 7 === 0 ? 2 : 0)],
  readLive: [8, (world, n) => world.readLive(1 + (n % 4))],
  catchUp: [8, (world, n) => world.catchUp(1 + (n % 4))],
  send: [12, (world, n) => world.send(1 + (n % 3))],
  probe: [1, (world, n) => world.send(1, n / 2_001)],
  succeed: [9, (world, n) => world.succeed(n)],
  fail: [6, (world, n) => world.fail(n, n % 2000)],
  refuse: [2, (world, n) => world.refuse(n)],
  putBack: [2, (world, n) => world.putBack(n)],
  time: [6, (world, n) => void (world.now += 10 + (n % 1500))],
  store: [8, (world) => world.checkpoint('stored')],
  begin: [3, (world) => world.begin()],
  apply: [2, (world) => world.apply()],
  answer: [3, (world) => world.answer('stored')],
  refuseToStore: [1, (world) => world.answer('refused')],
  loseAnswer: [1, (world) => world.answer('lost')],
  holdFloor: [2, (world) => world.holdFloor()],
  freeFloor: [2, (world) => world.freeFloor()],
  full: [1, (world) => world.goBehind('full')],
  breakOff: [1, (world) => world.goBehind('breaker')],
  close: [1, (world) => world.closeBreaker()],
  halt: [1, (world) => world.halt()],
  resume: [2, (world) => world.resume()],
  redriveAll: [1, (world) => world.redrive(() => true)],
  redriveSome: [1, (world, n) => world.redrive(({ offset }) => (offset + n) % 2 === 0)],
  takeRedriven: [3, (world) => world.takeRedriven()],
  crash: [3, (world) => world.crash()],
  resend: [2, (world, n) => world.resend(n)],
  judgeAgain: [1, (world, n) => world.judgeAgain(n % 6)],
  compact: [2, (world, n) => world.compact(n)],
  expire: [2, (world, n) => world.expire(n % 8)],
  cut: [1, (world, n) => world.cut(n % 8, n % 3)],
  remake: [1, (world, n) => world.remake(n % 4)],
};

type Happening = readonly [string, number];

const happenings = (names: readonly string[]): fc.Arbitrary<readonly Happening[]> =>
  fc.array(
    fc.tuple(
      fc.oneof(
        ...names.map((name) => ({
          weight: HAPPENINGS[name]?.[0] ?? 1,
          arbitrary: fc.constant(name),
        })),
      ),
      fc.nat({ max: 2_000 }),
    ),
    { maxLength: 120, size: 'max' },
  );

const options: fc.Arbitrary<WorldOptions> = fc.record({
  ordered: fc.boolean(),
  maxExceptions: fc.integer({ min: 1, max: 8 }),
  maxInFlight: fc.integer({ min: 1, max: 4 }),
});

const play = (world: LaneWorld, script: readonly Happening[]): void => {
  for (const [name, n] of script) HAPPENINGS[name]?.[1](world, n);
  world.comeToRest();
};

const law = (names: readonly string[], numRuns = 300): void => {
  fc.assert(
    fc.property(options, happenings(names), (chosen, script) => {
      play(new LaneWorld(chosen), script);
    }),
    { numRuns: Number(process.env['RUNS'] ?? numRuns) },
  );
};

const special = ['crash', 'resend', 'judgeAgain', 'compact', 'expire', 'cut', 'remake'];
const common = Object.keys(HAPPENINGS).filter((name) => !special.includes(name));

describe('a lane', () => {
  it('delivers everything once, in the order of keys, whatever happens in between', () => {
    law(common);
  });

  it('loses nothing when its owner dies', () => {
    law([...common, 'crash']);
  });

  it('resends', () => law([...common, 'resend']));
  it('judges', () => law([...common, 'judgeAgain', 'crash']));
  it('compact', () => law([...common, 'compact', 'crash']));
  it('expire', () => law([...common, 'expire', 'crash']));
  it('cut', () => law([...common, 'cut', 'crash']));
  it('remake', () => law([...common, 'remake', 'crash']));
  it('all', () => law([...common, ...special]));
});
