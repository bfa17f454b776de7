import type { LaneWorld } from './lane-world.js';

const KEYS = ['a', 'b', null] as const;

/** What may happen, how often relative to others, and how. */
export const HAPPENINGS: Readonly<
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
