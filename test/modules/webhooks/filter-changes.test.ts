import type { SubscriptionState } from '../../../src/kafka/contracts/subscriptions.contracts.js';
import { eventually } from '../../support/eventually.js';
import { labels, LabelledReceiver } from '../../support/labelled-receiver.js';
import { StoredRows } from './stored-rows.js';
import { testBed, webhookState, WebhooksApp, type TestBed } from './webhooks-app.js';

const only = (number: number, key: string, from: number) => ({
  number,
  from: { 0: from },
  filter: { exact: { partitionkey: key } },
});

describe('a change of a filter that is heard of late', () => {
  let bed: TestBed;
  let app: WebhooksApp;
  let rows: StoredRows;
  let receiver: LabelledReceiver;

  beforeEach(async () => {
    bed = await testBed();
    app = await WebhooksApp.start(bed);
    rows = await StoredRows.open(bed);
    receiver = await LabelledReceiver.listen();
  });
  afterEach(async () => {
    await app.stop();
    await rows.close();
    await receiver.close();
    await bed.database.drop();
  });

  /** A subscription to events of key a, in a topic in which all were judged by that. */
  const judged = async (): Promise<SubscriptionState> => {
    const topic = await app.createTopic(1);
    const filters = [only(1, 'a', 0)];
    const state = webhookState(topic, receiver.receiver.url, { ordering: 'key' }, { filters });
    app.know(state.uid, state);
    await rows.followed(topic.name, 1);
    await app.publish(topic.name, ['a1', 'b1', 'b2', 'a2', 'b3']);
    await receiver.takes(2);
    await eventually(
      () => rows.floors(topic.name),
      ([row]) => row?.floor === 5,
    );
    return state;
  };

  it('brings what it lets through from its offset on', async () => {
    const state = await judged();
    app.know(state.uid, { ...state, filters: [only(1, 'a', 0), only(2, 'b', 2)] });
    await app.publish(state.topic, ['a3', 'b4']);
    expect(await receiver.takes(5)).toEqual(['a1', 'a2', ...labels('b', 3, 2)]);
    await rows.followed(state.topic, 1);
  });

  it('does so for the next process too', async () => {
    const state = await judged();
    await app.stop();
    app = await WebhooksApp.start(bed);
    app.know(state.uid, { ...state, filters: [only(1, 'a', 0), only(2, 'b', 2)] });
    await app.publish(state.topic, ['a3', 'b4']);
    expect(await receiver.takes(5)).toEqual(['a1', 'a2', ...labels('b', 3, 2)]);
  });
});
