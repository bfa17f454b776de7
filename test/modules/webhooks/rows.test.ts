import { eventually } from '../../support/eventually.js';
import { failing, labels, latch, LabelledReceiver } from '../../support/labelled-receiver.js';
import { StoredRows } from './stored-rows.js';
import { testBed, webhookState, WebhooksApp, type TestBed } from './webhooks-app.js';

describe('what webhooks store', () => {
  let bed: TestBed;
  let app: WebhooksApp;
  let rows: StoredRows;
  let receiver: LabelledReceiver;

  beforeAll(async () => {
    bed = await testBed();
    app = await WebhooksApp.start(bed);
    rows = await StoredRows.open(bed);
  });
  beforeEach(async () => {
    receiver = await LabelledReceiver.listen();
  });
  afterEach(() => receiver.close());
  afterAll(async () => {
    await rows.close();
    await app.stop();
    await bed.database.drop();
  });

  const floorAt = (topic: string, floor: number) =>
    eventually(
      () => rows.floors(topic),
      ([row]) => row?.floor === floor,
    );

  it('is a floor that follows what is delivered, and no row per event', async () => {
    const topic = await app.createTopic(1);
    const state = webhookState(topic, receiver.receiver.url);
    app.know(state.uid, state);
    await rows.followed(topic.name, 1);
    for (const from of [1, 11, 21]) {
      await app.publish(topic.name, labels('a', 10, from));
      await receiver.takes(from + 9);
      await floorAt(topic.name, from + 9);
      expect(await rows.exceptions(state.uid)).toEqual([]);
    }
    app.know(state.uid, null);
  });

  it('is a row with its event per retry, and a row with an offset per event that waits for it', async () => {
    const topic = await app.createTopic(1);
    const state = webhookState(topic, receiver.receiver.url, { ordering: 'key' });
    receiver.respond(failing('a1'));
    app.know(state.uid, state);
    await rows.followed(topic.name, 1);
    await app.publish(topic.name, ['a1', 'b1', 'a2', 'a3', '-1']);
    await receiver.takes(2);
    await floorAt(topic.name, 5);
    const kept = await rows.exceptions(state.uid);
    expect(kept).toMatchObject([
      { offset: 0, state: 'retry', hasRecord: true },
      { offset: 2, state: 'parked', hasRecord: false, attempts: 0 },
      { offset: 3, state: 'parked', hasRecord: false, attempts: 0 },
    ]);
    expect(kept[0]!.attempts).toBeGreaterThan(0);
    receiver.respond(failing());
    await receiver.takes(5);
    await eventually(
      () => rows.exceptions(state.uid),
      ({ length }) => length === 0,
    );
    app.know(state.uid, null);
  });

  it('is a row for an attempt that lasts long, so that the floor passes it', async () => {
    const topic = await app.createTopic(1);
    const state = webhookState(topic, receiver.receiver.url);
    const gate = latch();
    receiver.respond(async (label) => {
      if (label === 'a1') await gate.opened;
      return { status: 200 };
    });
    app.know(state.uid, state);
    await rows.followed(topic.name, 1);
    await app.publish(topic.name, labels('a', 3));
    await receiver.takes(2);
    await floorAt(topic.name, 3);
    expect(await rows.exceptions(state.uid)).toMatchObject([
      { offset: 0, state: 'retry', hasRecord: true, attempts: 0 },
    ]);
    gate.open();
    await receiver.takes(3);
    await eventually(
      () => rows.exceptions(state.uid),
      ({ length }) => length === 0,
    );
    expect(receiver.arrived).toHaveLength(3);
    app.know(state.uid, null);
  });

  it('is the event of a dead letter, until it is asked for again', async () => {
    const topic = await app.createTopic(1);
    const retry = { scheduleSeconds: [], jitter: 0 };
    const state = webhookState(topic, receiver.receiver.url, { retry });
    receiver.respond(failing('a1'));
    app.know(state.uid, state);
    await rows.followed(topic.name, 1);
    await app.publish(topic.name, labels('a', 2));
    await receiver.takes(1);
    await floorAt(topic.name, 2);
    expect(await rows.exceptions(state.uid)).toMatchObject([
      { offset: 0, state: 'dead', hasRecord: true, attempts: 1 },
    ]);
    app.know(state.uid, null);
  });
});
