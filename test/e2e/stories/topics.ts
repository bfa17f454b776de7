import { Kafka, logLevel } from 'kafkajs';

import { uniqueName, type MillraceClient } from '../../support/client.js';

const inKafka = (millrace: MillraceClient) =>
  new Kafka({
    brokers: [...millrace.installation.kafka.brokers],
    logLevel: logLevel.NOTHING,
  }).admin();

/** A topic's life, in the catalog and in Kafka. */
export function topicsStory(millrace: () => MillraceClient): void {
  describe('topics', () => {
    it('are made in Kafka under the same name, and by PUT again as often as one likes', async () => {
      const name = await millrace().createTopic({ partitions: 3 });
      const again = await millrace().call('PUT', `/v1/topics/${name}`, { json: { partitions: 3 } });
      expect(again.status).toBe(200);
      expect(again.body).toMatchObject({ name, partitions: 3, managed: true });
      const admin = inKafka(millrace());
      await admin.connect();
      const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
      await admin.disconnect();
      expect(topics[0]?.partitions).toHaveLength(3);
    });

    it('that exist in Kafka are adopted, and only forgotten at the end', async () => {
      const name = uniqueName('adopted');
      const admin = inKafka(millrace());
      await admin.connect();
      await admin.createTopics({ topics: [{ topic: name, numPartitions: 2 }] });
      const adopted = await millrace().must('PUT', `/v1/topics/${name}`, { json: {} });
      expect(adopted).toMatchObject({ name, partitions: 2, managed: false });
      await millrace().publish(name, { hello: 'world' });
      expect((await millrace().call('DELETE', `/v1/topics/${name}`)).status).toBe(204);
      expect((await millrace().call('GET', `/v1/topics/${name}`)).status).toBe(404);
      expect(await admin.listTopics()).toContain(name);
      await admin.deleteTopics({ topics: [name] });
      await admin.disconnect();
    });

    it('with subscriptions or data are not deleted by accident', async () => {
      const name = await millrace().createTopic();
      const remove = (query = '') => millrace().call('DELETE', `/v1/topics/${name}${query}`);
      expect((await remove()).body['code']).toBe('CATALOG.DATA_DELETE_REQUIRED');
      const stream = await millrace().createStream(name);
      const used = await remove('?data=delete');
      expect(used.status).toBe(409);
      await millrace().must('DELETE', `/v1/subscriptions/${stream}`);
      expect((await remove('?data=delete')).status).toBe(204);
      const publish = await millrace().call('POST', `/v1/topics/${name}/events`, { json: 1 });
      expect(publish.status).toBe(404);
    });

    it('refuse events that do not fit, once they are told to', async () => {
      const name = await millrace().createTopic({ enforceSchemas: true });
      const schema = {
        type: 'object',
        required: ['total'],
        properties: { total: { type: 'number' } },
      };
      await millrace().must('PUT', `/v1/topics/${name}/schemas/order.paid`, { json: { schema } });
      const send = (data: unknown, type: string) =>
        millrace().call('POST', `/v1/topics/${name}/events?type=${type}`, { json: data });
      expect((await send({ total: 12.5 }, 'order.paid')).status).toBe(202);
      expect((await send({ total: 'much' }, 'order.paid')).status).toBe(400);
      expect((await send({ total: 1 }, 'order.sent')).status).toBe(400);
    });
  });
}
