import type { MillraceClient, Published } from '../../support/client.js';
import { envelopes, SseConnection } from '../../support/sse.js';

const STRUCTURED = 'application/cloudevents+json';
const BATCH = 'application/cloudevents-batch+json';

const cloudEvent = (id: string, more: Record<string, unknown> = {}) => ({
  specversion: '1.0',
  id,
  source: '/shop',
  type: 'order.paid',
  ...more,
});

/** All the ways to send an event, and what a reader gets of each. */
export function publishingStory(millrace: () => MillraceClient): void {
  async function readBack(topic: string, count: number) {
    const stream = await millrace().createStream(topic);
    const reader = await SseConnection.open(millrace(), stream);
    const read = await reader.events(count);
    reader.close();
    return { raw: read, events: envelopes(read) };
  }

  describe('publishing', () => {
    it('takes plain JSON and answers where it was stored', async () => {
      const topic = await millrace().createTopic();
      const query = { type: 'order.paid', key: 'customer-7', id: 'a-1', source: '/shop' };
      const published = await millrace().publish(topic, { total: 12.5 }, query);
      expect(published).toMatchObject({ id: 'a-1', topic });
      const { events } = await readBack(topic, 1);
      expect(events[0]).toMatchObject({
        messageId: published.messageId,
        partition: published.partition,
        offset: published.offset,
        event: { ...cloudEvent('a-1'), partitionkey: 'customer-7', data: { total: 12.5 } },
      });
    });

    it('takes structured and binary CloudEvents with extensions', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const path = `/v1/topics/${topic}/events`;
      await millrace().must('POST', path, {
        body: JSON.stringify(cloudEvent('s-1', { traceid: 't1', data: { a: [1, 2] } })),
        headers: { 'content-type': STRUCTURED },
      });
      await millrace().must('POST', path, {
        body: Buffer.from([0, 255, 10, 13]),
        headers: {
          'content-type': 'application/octet-stream',
          'ce-specversion': '1.0',
          'ce-id': 'b-1',
          'ce-source': '/shop',
          'ce-type': 'order.scanned',
          'ce-subject': 'Gr%C3%B6%C3%9Fe',
        },
      });
      const { events } = await readBack(topic, 2);
      expect(events[0]!.event).toMatchObject({ id: 's-1', traceid: 't1', data: { a: [1, 2] } });
      expect(events[1]!.event).toMatchObject({
        id: 'b-1',
        subject: 'Größe',
        data_base64: Buffer.from([0, 255, 10, 13]).toString('base64'),
      });
    });

    it('keeps the bytes of a payload: digits, order of members, escapes, spaces', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const data = '{"b":1.10,"a":12345678901234567890123,"1":"\\u00e9",  "0":[ ]}';
      const body = `{"specversion":"1.0","id":"1","source":"/s","type":"t","data":${data}}`;
      const headers = { 'content-type': STRUCTURED };
      await millrace().must('POST', `/v1/topics/${topic}/events`, { body, headers });
      const { raw } = await readBack(topic, 1);
      expect(raw[0]!.data).toContain(`"data":${data}`);
    });

    it('answers a batch in the order sent, and keeps the order of a key', async () => {
      const topic = await millrace().createTopic({ partitions: 4 });
      const batch = Array.from({ length: 50 }, (_, n) =>
        cloudEvent(`n-${n}`, { partitionkey: `key-${n % 5}`, data: n }),
      );
      const { events } = await millrace().must<{ events: Published[] }>(
        'POST',
        `/v1/topics/${topic}/events`,
        { body: JSON.stringify(batch), headers: { 'content-type': BATCH } },
      );
      expect(events.map(({ id }) => id)).toEqual(batch.map(({ id }) => id));
      const { events: read } = await readBack(topic, 50);
      for (const key of [0, 1, 2, 3, 4]) {
        const numbers = read.map(({ event }) => event['data'] as number);
        const ofKey = numbers.filter((n) => n % 5 === key);
        expect(ofKey).toEqual([...ofKey].sort((a, b) => a - b));
        expect(ofKey).toHaveLength(10);
      }
    });

    it('stores nothing of a batch with one bad event', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const path = `/v1/topics/${topic}/events`;
      const batch = [cloudEvent('good'), cloudEvent('bad', { specversion: '0.3' })];
      const refused = await millrace().call('POST', path, {
        body: JSON.stringify(batch),
        headers: { 'content-type': BATCH },
      });
      expect(refused.status).toBe(400);
      await millrace().publish(topic, 1, { id: 'after' });
      const { events } = await readBack(topic, 1);
      expect(events[0]).toMatchObject({ offset: 0, event: { id: 'after' } });
    });

    it('gives an event that is sent twice the same message id', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const first = await millrace().publish(topic, 1, { id: 'same' });
      const second = await millrace().publish(topic, 1, { id: 'same' });
      expect(second.messageId).toBe(first.messageId);
      expect(second.offset).toBe(first.offset + 1);
    });
  });
}
