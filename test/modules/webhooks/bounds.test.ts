import { eventually } from '../../support/eventually.js';
import { inOrderByKey, labels, LabelledReceiver } from '../../support/labelled-receiver.js';
import { StoredRows } from './stored-rows.js';
import { testBed, webhookState, WebhooksApp, type TestBed } from './webhooks-app.js';

describe('a webhook that fails', () => {
  let bed: TestBed;
  let app: WebhooksApp;
  let rows: StoredRows;
  let receiver: LabelledReceiver;
  let other: LabelledReceiver;

  beforeAll(async () => {
    bed = await testBed();
    app = await WebhooksApp.start(bed, { limits: { maxExceptions: 5 } });
    rows = await StoredRows.open(bed);
  });
  beforeEach(async () => {
    receiver = await LabelledReceiver.listen();
    other = await LabelledReceiver.listen();
  });
  afterEach(async () => {
    await receiver.close();
    await other.close();
  });
  afterAll(async () => {
    await rows.close();
    await app.stop();
    await bed.database.drop();
  });

  it.each(['none', 'key'] as const)(
    'keeps no more rows than it may, holds up no other, and gets all later (ordering %s)',
    async (ordering) => {
      const topic = await app.createTopic(1);
      const retry = { scheduleSeconds: Array.from({ length: 30 }, () => 1), jitter: 0 };
      const state = webhookState(topic, receiver.receiver.url, { ordering, maxInFlight: 1, retry });
      const second = webhookState(topic, other.receiver.url);
      let fails = true;
      receiver.respond(() => ({ status: fails ? 500 : 200 }));
      for (const each of [state, second]) app.know(each.uid, each);
      await rows.followed(topic.name, 1, 2);
      const counts: number[] = [];
      const count = async (): Promise<number> => {
        const kept = await rows.exceptions(state.uid);
        counts.push(kept.length);
        return kept.length;
      };
      const events = ['a', 'b', 'c', 'd'].flatMap((key) => labels(key, 5));
      await app.publish(topic.name, events);
      await other.takes(20);
      await eventually(count, (kept) => kept === 5);
      await eventually(
        () => rows.floors(topic.name),
        ([row]) => row?.floor === 20,
      );
      await count();
      fails = false;
      await receiver.takes(20);
      await eventually(count, (kept) => kept === 0);
      expect(Math.max(...counts)).toBe(5);
      expect(receiver.taken).toHaveLength(20);
      expect(new Set(receiver.taken).size).toBe(20);
      if (ordering === 'key') expect(inOrderByKey(receiver.taken)).toBe(true);
      for (const { uid } of [state, second]) app.know(uid, null);
    },
  );
});

describe('a webhook to an address that may not be reached', () => {
  it('makes its events dead letters at once, with the reason', async () => {
    const bed = await testBed();
    const rows = await StoredRows.open(bed);
    const app = await WebhooksApp.start(bed, { allowCidrs: [] });
    const receiver = await LabelledReceiver.listen();
    const topic = await app.createTopic(1);
    const literal = webhookState(topic, receiver.receiver.url);
    const name = webhookState(topic, `http://localhost:${receiver.receiver.port}/`);
    for (const each of [literal, name]) app.know(each.uid, each);
    await app.publish(topic.name, ['a1']);
    for (const { uid } of [literal, name]) {
      const kept = await eventually(
        () => rows.exceptions(uid),
        ([row]) => row?.state === 'dead',
      );
      expect(kept).toMatchObject([
        { offset: 0, attempts: 1, error: { code: 'WEBHOOKS.ADDRESS_FORBIDDEN' } },
      ]);
    }
    expect(receiver.receiver.connections).toBe(0);
    await app.stop();
    await rows.close();
    await receiver.close();
    await bed.database.drop();
  });
});
