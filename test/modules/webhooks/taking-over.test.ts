import { setTimeout as latency } from 'node:timers/promises';

import { defaultDeliveryLimits } from '../../../src/delivery/engine/delivery-engine.js';
import { eventually } from '../../support/eventually.js';
import { inOrderByKey, labels, latch, LabelledReceiver } from '../../support/labelled-receiver.js';
import { StoredRows } from './stored-rows.js';
import { testBed, webhookState, WebhooksApp, type TestBed } from './webhooks-app.js';

describe('a process that takes partitions over', () => {
  let bed: TestBed;
  let rows: StoredRows;
  let receiver: LabelledReceiver;
  const running = new Set<WebhooksApp>();

  beforeEach(async () => {
    bed = await testBed();
    rows = await StoredRows.open(bed);
    receiver = await LabelledReceiver.listen();
  });
  afterEach(async () => {
    await Promise.all([...running].map(stop));
    await rows.close();
    await receiver.close();
    await bed.database.drop();
  });

  const start = async (...options: Parameters<typeof WebhooksApp.start>[1][]) => {
    const app = await WebhooksApp.start(bed, ...options);
    running.add(app);
    return app;
  };
  const stop = async (app: WebhooksApp): Promise<void> => {
    running.delete(app);
    await app.stop();
  };

  it('does not send what is done above the floor, and clears that once the floor passes', async () => {
    const lane = { ...defaultDeliveryLimits.lane, settleWithinMs: 60_000 };
    const limits = { lane, handOverMs: 0 };
    const first = await start({ limits });
    const topic = await first.createTopic(1);
    const state = webhookState(topic, receiver.receiver.url);
    const gate = latch();
    receiver.respond(async (label) => {
      if (label === 'a1') await gate.opened;
      return { status: label === 'a2' && receiver.attemptsOf('a2').length === 1 ? 500 : 200 };
    });
    first.know(state.uid, state);
    await rows.followed(topic.name, 1);
    await first.publish(topic.name, labels('a', 2));
    await receiver.takes(1);
    const done = await eventually(
      () => rows.exceptions(state.uid),
      (kept) => kept.some((row) => row.state === 'done'),
    );
    expect(done).toMatchObject([{ offset: 1, state: 'done', hasRecord: false }]);
    expect(await rows.floors(topic.name)).toMatchObject([{ floor: 0 }]);
    await stop(first);
    const second = await start({ limits });
    second.know(state.uid, state);
    await receiver.tried('a1', 2);
    gate.open();
    await eventually(
      () => rows.floors(topic.name),
      ([row]) => row?.floor === 2,
    );
    await eventually(
      () => rows.exceptions(state.uid),
      ({ length }) => length === 0,
    );
    expect(receiver.attemptsOf('a2')).toHaveLength(2);
  });

  it('goes on with retries and what is parked behind them, in order', async () => {
    const first = await start();
    const topic = await first.createTopic(1);
    const state = webhookState(topic, receiver.receiver.url, { ordering: 'key' });
    receiver.respond((label) => ({ status: label === 'a1' ? 500 : 200 }));
    first.know(state.uid, state);
    await first.publish(topic.name, ['a1', 'b1', 'a2', 'b2', 'a3']);
    await receiver.takes(2);
    await eventually(
      () => rows.exceptions(state.uid),
      ({ length }) => length === 3,
    );
    await stop(first);
    receiver.respond(() => ({ status: 200 }));
    const second = await start();
    second.know(state.uid, state);
    await second.publish(topic.name, ['a4', 'b3']);
    await receiver.takes(7);
    expect(inOrderByKey(receiver.taken)).toBe(true);
    expect(new Set(receiver.taken).size).toBe(7);
    await eventually(
      () => rows.exceptions(state.uid),
      ({ length }) => length === 0,
    );
  });

  it('goes on where a subscription stood of which it hears late, with what that one keeps', async () => {
    const early = await LabelledReceiver.listen();
    const first = await start();
    const topic = await first.createTopic(1);
    const known = webhookState(topic, early.receiver.url);
    const late = webhookState(topic, receiver.receiver.url);
    receiver.respond((label) => ({ status: label === 'a2' ? 500 : 200 }));
    for (const state of [known, late]) first.know(state.uid, state);
    await rows.followed(topic.name, 2);
    await first.publish(topic.name, ['a1', 'a2']);
    await eventually(
      () => rows.exceptions(late.uid),
      ({ length }) => length === 1,
    );
    await stop(first);
    const before = receiver.taken.length;
    receiver.respond(() => ({ status: 200 }));
    const second = await start();
    second.know(known.uid, known);
    await second.publish(topic.name, ['a3']);
    await eventually(
      () => early.taken,
      (taken) => taken.includes('a3'),
    );
    second.know(late.uid, late);
    await second.publish(topic.name, ['a4']);
    await receiver.takes(before + 3);
    expect(receiver.taken.slice(before).toSorted()).toEqual(['a2', 'a3', 'a4']);
    await eventually(
      () => rows.exceptions(late.uid),
      ({ length }) => length === 0,
    );
    await early.close();
  });

  it('shares them with another one, and gets its part when that one stops', async () => {
    const one = await start();
    const topic = await one.createTopic(4);
    const state = webhookState(topic, receiver.receiver.url, { ordering: 'key', maxInFlight: 4 });
    receiver.respond(async () => {
      await latency(2);
      return { status: 200 };
    });
    one.know(state.uid, state);
    await rows.followed(topic.name, 4);
    const other = await start();
    other.know(state.uid, state);
    const keys = Array.from('abcdefghijkl');
    let number = 0;
    const publish = async (): Promise<void> => {
      number += 1;
      await one.publish(
        topic.name,
        keys.map((key) => `${key}${number}`),
      );
    };
    const untilOwnersAre = async (raised: number): Promise<void> => {
      for (;;) {
        await publish();
        const owners = (await rows.floors(topic.name)).map(({ ownerEpoch }) => ownerEpoch);
        if (owners.filter((epoch) => epoch > 1).length >= raised) return;
      }
    };
    await untilOwnersAre(2);
    for (let more = 0; more < 10; more += 1) await publish();
    await stop(other);
    for (let more = 0; more < 10; more += 1) await publish();
    const all = keys.flatMap((key) => labels(key, number));
    await eventually(
      () => new Set(receiver.taken).size,
      (count) => count === all.length,
    );
    const firstSuccesses = [...new Set(receiver.taken)];
    expect(inOrderByKey(firstSuccesses)).toBe(true);
    expect(receiver.mostAtOnceOfAKey).toBe(1);
  });

  it('that was taken over by hand writes nothing more, and takes it back as it is stored', async () => {
    const app = await start();
    const topic = await app.createTopic(1);
    const state = webhookState(topic, receiver.receiver.url);
    app.know(state.uid, state);
    await rows.followed(topic.name, 1);
    await app.publish(topic.name, ['a1']);
    await eventually(
      () => rows.floors(topic.name),
      ([row]) => row?.floor === 1,
    );
    await rows.fence(topic.name);
    const [fenced] = await rows.floors(topic.name);
    await app.publish(topic.name, ['a2']);
    await receiver.tried('a2', 1);
    const seen = await eventually(
      () => rows.floors(topic.name),
      ([row]) => row!.ownerEpoch > fenced!.ownerEpoch,
    );
    expect(seen).toHaveLength(1);
    // The first success was not stored: whoever owns it now has to send it again.
    await receiver.tried('a2', 2);
    await eventually(
      () => rows.floors(topic.name),
      ([row]) => row?.floor === 2,
    );
    expect(receiver.attemptsOf('a1')).toHaveLength(1);
  });
});
