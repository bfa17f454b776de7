import { setTimeout as latency } from 'node:timers/promises';

import { defaultDeliveryLimits } from '../../../src/delivery/engine/delivery-engine.js';
import type { SubscriptionState } from '../../../src/kafka/contracts/subscriptions.contracts.js';
import { eventually } from '../../support/eventually.js';
import { inOrderByKey, labels, LabelledReceiver } from '../../support/labelled-receiver.js';
import { StoredRows } from './stored-rows.js';
import { testBed, webhookState, WebhooksApp, type TestBed } from './webhooks-app.js';

/** Small, so that lanes overflow, fall behind and catch up all the time. */
const limits = {
  maxExceptions: 40,
  handOverMs: 300,
  backlog: { records: 100, bytes: 1_000_000 },
  lane: {
    ...defaultDeliveryLimits.lane,
    maxWaiting: 30,
    catchUpWaiting: 10,
    settleWithinMs: 100,
  },
};
const KEYS = Array.from('abcdefgh');
const ROUNDS = 30;
const chance = (share: number): boolean => Math.random() < share;

describe('webhooks in turmoil', () => {
  let bed: TestBed;
  let rows: StoredRows;
  let receivers: LabelledReceiver[];
  let apps: WebhooksApp[];

  beforeEach(async () => {
    bed = await testBed();
    rows = await StoredRows.open(bed);
    receivers = [await LabelledReceiver.listen(), await LabelledReceiver.listen()];
    apps = [await WebhooksApp.start(bed, { limits }), await WebhooksApp.start(bed, { limits })];
  });
  afterEach(async () => {
    await Promise.all(apps.map((app) => app.stop()));
    await Promise.all(receivers.map((receiver) => receiver.close()));
    await rows.close();
    await bed.database.drop();
  });

  const tell = (state: SubscriptionState): void => {
    for (const app of apps) app.know(state.uid, state);
  };
  /** Fails and dawdles at random until it is told that peace has come. */
  const unruly = (receiver: LabelledReceiver, share: number): (() => void) => {
    let peace = false;
    receiver.respond(async () => {
      if (!peace && chance(0.05)) await latency(150);
      return { status: !peace && chance(share) ? 500 : 200 };
    });
    return () => {
      peace = true;
    };
  };

  it.each(['key', 'none'] as const)(
    'lose nothing and keep what order they promise (ordering %s)',
    async (ordering) => {
      const topic = await apps[0]!.createTopic(3);
      const retry = { scheduleSeconds: Array.from({ length: 32 }, () => 0), jitter: 0 };
      const webhook = { ordering, retry, maxInFlight: 8, timeoutSeconds: 1 };
      let [first, second] = receivers.map(({ receiver }) =>
        webhookState(topic, receiver.url, webhook),
      ) as [SubscriptionState, SubscriptionState];
      tell(first);
      tell(second);
      const peace = [unruly(receivers[0]!, 0.3), unruly(receivers[1]!, 0.1)];
      for (let round = 1; round <= ROUNDS; round += 1) {
        await apps[0]!.publish(
          topic.name,
          KEYS.flatMap((key) => labels(key, 3, 3 * round - 2)),
        );
        if (chance(0.2)) {
          const status = first.status === 'active' ? 'paused' : 'active';
          first = { ...first, status, since: new Date().toISOString() };
          tell(first);
        }
        if (chance(0.05)) await rows.fence(topic.name);
        if (round % 10 === 0) {
          await apps.pop()!.stop();
          apps.push(await WebhooksApp.start(bed, { limits }));
          tell(first);
          tell(second);
        }
      }
      for (const done of peace) done();
      tell({ ...first, status: 'active', since: new Date().toISOString() });
      const all = KEYS.flatMap((key) => labels(key, 3 * ROUNDS));
      for (const receiver of receivers) {
        await eventually(
          () => new Set(receiver.taken).size,
          (size) => size === all.length,
        );
        const succeeded = [...new Set(receiver.taken)];
        expect(succeeded.toSorted()).toEqual(all.toSorted());
        expect(ordering === 'none' || inOrderByKey(succeeded)).toBe(true);
      }
      for (const { uid } of [first, second])
        await eventually(
          () => rows.exceptions(uid),
          ({ length }) => length === 0,
        );
    },
  );
});
