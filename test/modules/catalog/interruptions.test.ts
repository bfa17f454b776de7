import { LogRequestInvalid, LogUnavailable } from '../../../src/kafka/log/log.errors.js';
import { uniqueName } from '../../support/client.js';
import { eventually } from '../../support/eventually.js';
import { CatalogApp } from './catalog-app.js';

const outage = new LogUnavailable('Kafka is away.');

describe('what was interrupted', () => {
  let catalog: CatalogApp;

  beforeAll(async () => {
    catalog = await CatalogApp.start();
    catalog.answerSubscriptions(0);
  });
  afterAll(() => catalog.stop());

  const call = (method: string, name: string, json?: unknown) =>
    catalog.client.call<Record<string, unknown> & { uid: string }>(method, `/v1/topics/${name}`, {
      json,
    });

  it.each(['before', 'after'] as const)(
    'a topic whose making failed %s Kafka made it is made, and managed, by the next PUT',
    async (when) => {
      const name = uniqueName('topic');
      catalog.breakNext('make', when, outage);
      expect((await call('PUT', name, { partitions: 2 })).status).toBe(503);
      expect((await call('GET', name)).status).toBe(404);
      const answer = await call('PUT', name, { partitions: 2 });
      expect(answer.status).toBe(201);
      expect(answer.body).toMatchObject({ managed: true, partitions: 2 });
    },
  );

  it('a topic whose making failed is finished by the next start', async () => {
    const name = uniqueName('topic');
    catalog.breakNext('make', 'after', outage);
    expect((await call('PUT', name)).status).toBe(503);
    await catalog.restart();
    catalog.answerSubscriptions(0);
    const answer = await eventually(
      () => call('GET', name),
      ({ status }) => status === 200,
    );
    expect(answer.body['managed']).toBe(true);
    await catalog.topicKnown(answer.body.uid, (state) => state?.name === name);
  });

  it('a topic that Kafka refuses to make leaves nothing behind', async () => {
    const name = uniqueName('topic');
    catalog.breakNext('make', 'before', new LogRequestInvalid('Kafka says no.'));
    expect((await call('PUT', name)).status).toBe(400);
    const id = (await catalog.log.admin.createTopic({ name, partitions: 1 })).id;
    expect((await call('PUT', name)).body).toMatchObject({ managed: false, kafkaTopicId: id });
  });

  it('a topic of another shape, made by others after the intent, is adopted', async () => {
    const name = uniqueName('topic');
    catalog.breakNext('make', 'before', outage);
    await call('PUT', name, { partitions: 2 });
    await catalog.log.admin.createTopic({ name, partitions: 5 });
    await catalog.reconcile();
    expect((await call('GET', name)).body).toMatchObject({ managed: false, partitions: 5 });
  });

  it.each(['before', 'after'] as const)(
    'a deletion that failed %s Kafka did it is gone for callers, and ended by the next look',
    async (when) => {
      const name = uniqueName('topic');
      const { uid } = (await call('PUT', name)).body;
      catalog.breakNext('remove', when, outage);
      expect((await call('DELETE', `${name}?data=delete`)).status).toBe(503);
      expect((await call('GET', name)).status).toBe(404);
      await catalog.topicKnown(uid, (state) => state === undefined);
      await catalog.reconcile();
      expect(await catalog.log.admin.describeTopic(name)).toBeUndefined();
      expect((await call('DELETE', `${name}?data=delete`)).status).toBe(404);
    },
  );

  it('a deletion that failed is ended by PUT, which then makes a new topic', async () => {
    const name = uniqueName('topic');
    const { uid, kafkaTopicId } = (await call('PUT', name)).body;
    catalog.breakNext('remove', 'before', outage);
    await call('DELETE', `${name}?data=delete`);
    const again = await call('PUT', name);
    expect(again.status).toBe(201);
    expect(again.body.uid).not.toBe(uid);
    expect(again.body['kafkaTopicId']).not.toBe(kafkaTopicId);
  });

  it('a deletion that failed leaves a topic alone that others made meanwhile', async () => {
    const name = uniqueName('topic');
    await call('PUT', name);
    catalog.breakNext('remove', 'after', outage);
    await call('DELETE', `${name}?data=delete`);
    const { id } = await catalog.log.admin.createTopic({ name, partitions: 1 });
    await catalog.reconcile();
    expect((await catalog.log.admin.describeTopic(name))?.id).toBe(id);
    expect((await call('PUT', name)).body).toMatchObject({ managed: false, kafkaTopicId: id });
  });

  it('a change that failed after Kafka did it shows at the next look', async () => {
    const name = uniqueName('topic');
    await call('PUT', name, { partitions: 1 });
    catalog.breakNext('change', 'after', outage);
    const growth = { partitions: 2, allowReorder: true };
    expect((await call('PUT', name, growth)).status).toBe(503);
    expect((await call('GET', name)).body['partitions']).toBe(2);
  });

  it('many PUTs of one name at once make one topic', async () => {
    const name = uniqueName('topic');
    const answers = await Promise.all(Array.from({ length: 4 }, () => call('PUT', name)));
    const settled = answers.filter(({ status }) => status !== 503);
    expect(settled.length).toBeGreaterThan(0);
    expect(new Set(settled.map(({ body }) => body.uid)).size).toBe(1);
    expect(settled.every(({ body }) => body['managed'])).toBe(true);
  });
});
