import type { Acknowledged } from './check-delivery.js';
import { checkWebhook, type Attempt, type Testimony } from './check-webhook.js';

const KEYS = ['a', 'b'];
const EVENTS = 5;
/** From one thing that a receiver sees to the next. */
const STEP_MS = 1_000;
const KILLED_MS = 21 * STEP_MS;

const idOf = (key: string, sequence: number) => `msg_${key}${sequence}`;
const at = (place: number) => ({ place, ms: place * STEP_MS });

const acknowledged: readonly Acknowledged[] = KEYS.flatMap((key, partition) =>
  Array.from({ length: EVENTS }, (_, sequence) => ({
    messageId: idOf(key, sequence),
    key,
    sequence,
    partition,
    offset: sequence,
    sends: 1,
  })),
);

/** An attempt that began at a place, and was answered at another one. */
const attempt = (name: string, came: number, ended = came + 1, status = 200): Attempt => {
  const [key = '', sequence] = [name[0], Number(name[1])];
  return {
    messageId: idOf(key, sequence),
    key,
    sequence,
    came: at(came),
    ended: at(ended),
    status,
  };
};

/** What keeps every promise: a4 is a dead letter, b1 took two attempts. */
const good: readonly Attempt[] = [
  attempt('a0', 1),
  attempt('b0', 3),
  attempt('a1', 5),
  attempt('b1', 6, 8, 500),
  attempt('a2', 9),
  attempt('a3', 11),
  attempt('a4', 13, 14, 500),
  attempt('b1', 15),
  attempt('b2', 17),
  attempt('b3', 19),
  attempt('b4', 22),
];

const testimony: Testimony = {
  ordered: true,
  attempts: good,
  deadLetters: [idOf('a', 4)],
  disturbances: [{ from: KILLED_MS, to: KILLED_MS }],
};

const faultsOf = (attempts: readonly Attempt[], more: Partial<Testimony> = {}) =>
  checkWebhook(acknowledged, { ...testimony, attempts, ...more }).faults;

const without = (...names: readonly string[]) =>
  good.filter(({ key, sequence }) => !names.includes(key + sequence));

describe('the checker of webhooks', () => {
  it('finds nothing where every promise was kept', () => {
    expect(checkWebhook(acknowledged, testimony)).toEqual({
      faults: [],
      attempts: good.length,
      deadLetters: 1,
      repeats: 0,
      oldestRepeatMs: 0,
    });
  });

  it('counts what came again after a kill, and how old that was', () => {
    const attempts = [...good, attempt('b3', 24), attempt('b4', 26)];
    const disturbances = [{ from: 21_500, to: 23_000 }];
    expect(checkWebhook(acknowledged, { ...testimony, attempts, disturbances })).toMatchObject({
      faults: [],
      repeats: 2,
      oldestRepeatMs: 1_500,
    });
  });

  const planted: readonly (readonly [string, readonly Attempt[], Partial<Testimony>, string])[] = [
    ['an event that never came', without('b4'), {}, 'lost: b#4'],
    ['an event that only failed', [...without('b4'), attempt('b4', 22, 23, 500)], {}, 'lost: b#4'],
    ['a dead letter that is not there', good, { deadLetters: [] }, 'lost: a#4'],
    [
      'another message id',
      [...good, { ...attempt('b4', 24), messageId: 'msg_other' }],
      {},
      'id: b#4',
    ],
    [
      'a later event that succeeded first',
      [...without('b2', 'b3'), attempt('b3', 17), attempt('b2', 19)],
      {},
      'order: b#3',
    ],
    ['a later event that failed first', [...good, attempt('b2', 14, 15, 500)], {}, 'order: b#2'],
    [
      'a later event before a dead letter',
      [
        ...without('a3', 'a4'),
        attempt('a3', 11, 12, 500),
        attempt('a4', 13),
        attempt('a3', 16, 17, 500),
      ],
      { deadLetters: [idOf('a', 3)] },
      'order: a#4',
    ],
    [
      'two of a key at the same time',
      [...without('b3'), attempt('b2', 18.5, 18.7, 500), attempt('b3', 18.6, 19)],
      {},
      'crowd: b#3',
    ],
    ['an attempt beside itself', [...good, attempt('a1', 5.5)], {}, 'crowd: a#1'],
    [
      'a repeat of what was delivered long before a kill',
      [...good, attempt('b1', 24)],
      {},
      'repeat: b#1',
    ],
    ['a repeat without a kill', [...good, attempt('b3', 24)], { disturbances: [] }, 'repeat: b#3'],
  ];

  it.each(planted)('finds %s', (_, attempts, more, fault) => {
    expect(faultsOf(attempts, more).join('\n')).toContain(fault);
  });
});
