import { Kafka, logLevel, type Admin } from 'kafkajs';

import type { MillraceClient } from '../../support/client.js';
import { eventually } from '../../support/eventually.js';
import { labels } from '../../support/labelled-receiver.js';
import { publishLabels, webhooksOf } from '../support/webhooks.js';

/** What webhooks make of that which happens to their topic in Kafka. */
export function webhookTopicsStory(millrace: () => MillraceClient): void {
  describe('a webhook', () => {
    const subscribe = webhooksOf(millrace);
    const kafka = () => {
      const brokers = [...millrace().installation.kafka.brokers];
      return new Kafka({ brokers, logLevel: logLevel.NOTHING });
    };
    let admin: Admin;
    beforeAll(async () => {
      admin = kafka().admin();
      await admin.connect();
    });
    afterAll(() => admin.disconnect());

    it('records what was deleted before it was read, and goes on behind it', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      await publishLabels(millrace(), topic, ...labels('a', 9));
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '6' }] });
      const ordering = 'key';
      const late = await subscribe(topic, { ordering }, { start: { offsets: { 0: 2 } } });
      const earliest = await subscribe(topic, { ordering }, { start: 'earliest' });
      expect(await late.takes(3)).toEqual(labels('a', 3, 7));
      expect(await earliest.takes(3)).toEqual(labels('a', 3, 7));
      const gaps = await eventually(
        () => late.gaps(),
        ({ length }) => length > 0,
      );
      expect(gaps).toMatchObject([{ partition: 0, fromOffset: 2, toOffset: 6, reason: 'expired' }]);
      expect(await earliest.gaps()).toEqual([]);
    });

    it('gets the events of partitions that are added later, from their first on', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const subscription = await subscribe(topic);
      await publishLabels(millrace(), topic, 'a1');
      await subscription.takes(1);
      const more = { partitions: 4, allowReorder: true };
      await millrace().must('PUT', `/v1/topics/${topic}`, { json: more });
      const keys = Array.from('bcdefghijklm');
      await publishLabels(millrace(), topic, ...keys.map((key) => `${key}1`));
      await subscription.takes(13);
      const done = await subscription.shows(({ partitions }) =>
        partitions.every(({ lag }) => lag === 0),
      );
      expect(done.partitions).toHaveLength(4);
      expect(new Set(subscription.taken).size).toBe(13);
    });

    it('gets records that another program wrote, whatever they are', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const subscription = await subscribe(topic, { payload: 'cloudevents-structured' });
      const { receiver } = subscription;
      receiver.respond(() => ({ status: 200 }));
      const producer = kafka().producer();
      await producer.connect();
      await producer.send({
        topic,
        messages: [
          { key: null, value: null },
          { key: Buffer.from([0, 255]), value: Buffer.from([255, 254]) },
          { key: 'k', value: '{"not":', headers: { 'content-type': 'application/json' } },
          {
            key: 'k',
            value: 'x',
            headers: { ce_specversion: '9', ce_id: '', ce_type: ['a', 'b'] },
          },
        ],
      });
      await producer.disconnect();
      const requests = await receiver.received(4);
      const events = requests.map(({ body }) => JSON.parse(body.toString()) as { type: unknown });
      expect(events).toMatchObject(
        Array.from({ length: 4 }, () => ({
          specversion: '1.0',
          id: expect.stringMatching(/./),
          source: expect.stringMatching(/./),
          type: expect.stringMatching(/./),
        })),
      );
      expect(new Set(requests.map(({ headers }) => headers['webhook-id'])).size).toBe(4);
      await subscription.shows(({ partitions }) => partitions[0]?.lag === 0);
    });

    it('begins anew in a topic that was deleted and made again in Kafka, and tells', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      await publishLabels(millrace(), topic, ...labels('before', 20));
      const subscription = await subscribe(topic, { ordering: 'key' });
      await publishLabels(millrace(), topic, ...labels('a', 3));
      await subscription.takes(3);
      await subscription.shows(({ partitions }) => partitions[0]?.lag === 0);
      await admin.deleteTopics({ topics: [topic] });
      await eventually(
        () => admin.listTopics(),
        (names) => !names.includes(topic),
      );
      await admin.createTopics({
        topics: [{ topic, numPartitions: 1 }],
        waitForLeaders: false,
      });
      await eventually(
        () => publishLabels(millrace(), topic, 'b1').catch(() => undefined),
        (published) => published !== undefined,
      );
      await publishLabels(millrace(), topic, 'b2');
      await eventually(
        () => subscription.taken,
        (taken) => taken.includes('b2'),
      );
      expect(subscription.taken.slice(0, 4)).toEqual([...labels('a', 3), 'b1']);
      const gaps = await eventually(
        () => subscription.gaps(),
        ({ length }) => length > 0,
      );
      expect(gaps).toMatchObject([{ partition: 0, fromOffset: 23, reason: 'deleted' }]);
      const { partitions } = await subscription.shows(({ partitions: [only] }) => only?.lag === 0);
      expect(partitions).toMatchObject([{ floorOffset: partitions[0]!.endOffset, behind: null }]);
    });
  });
}
