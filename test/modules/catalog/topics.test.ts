import {
  putTopic,
  topicDeleted,
  topicsState,
} from '../../../src/kafka/contracts/catalog.contracts.js';
import { uniqueName } from '../../support/client.js';
import { ForeignProgram } from '../../support/foreign-program.js';
import { CatalogApp } from './catalog-app.js';

interface Topic {
  readonly uid: string;
  readonly name: string;
  readonly kafkaTopicId: string;
  readonly [field: string]: unknown;
}

describe('topics', () => {
  let catalog: CatalogApp;

  beforeAll(async () => {
    catalog = await CatalogApp.start();
    catalog.answerSubscriptions(0);
  });
  afterAll(() => catalog.stop());

  const call = (method: string, name: string, json?: unknown, headers?: Record<string, string>) =>
    catalog.client.call<Topic>(method, `/v1/topics/${name}`, { json, headers });
  const make = async (json: Record<string, unknown> = {}): Promise<Topic> =>
    catalog.client.must<Topic>('PUT', `/v1/topics/${uniqueName('topic')}`, { json });
  const inKafka = async (options: { name: string; partitions?: number }) =>
    catalog.log.admin.createTopic(options);

  it('are made in Kafka, with defaults, and soon known to every process', async () => {
    const name = uniqueName('topic');
    const answer = await call('PUT', name);
    expect(answer.status).toBe(201);
    await catalog.topicKnown(answer.body.uid, (state) => state?.partitions === 4);
    const topic = await catalog.log.admin.describeTopic(name);
    expect(topic?.partitions).toHaveLength(4);
    expect(answer.body).toMatchObject({
      name,
      status: 'active',
      managed: true,
      kafkaTopicId: topic?.id,
      partitions: 4,
      enforceSchemas: false,
      maxEventBytes: 1_000_000,
    });
    expect((await call('GET', name)).body).toEqual(answer.body);
  });

  it('stay as they are when the same PUT comes again', async () => {
    const input = { partitions: 2, retentionSeconds: 3600, enforceSchemas: true };
    const name = uniqueName('topic');
    const first = await call('PUT', name, input);
    const second = await call('PUT', name, input);
    expect(second.status).toBe(200);
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('etag')).toBe(first.headers.get('etag'));
    expect((await call('PUT', name, {})).body).toEqual(first.body);
  });

  it("pass retention and large events on to Kafka's settings", async () => {
    const { name } = await make({ retentionSeconds: 3600 });
    const changed = await call('PUT', name, { retentionBytes: 1e6, maxEventBytes: 3_000_000 });
    expect(changed.body).toMatchObject({ retentionSeconds: 3600, retentionBytes: 1e6 });
    expect(await catalog.log.admin.topicConfigs(name)).toMatchObject({
      'retention.ms': '3600000',
      'retention.bytes': '1000000',
      'max.message.bytes': '3048588',
    });
  });

  it('grow partitions only when that is asked for', async () => {
    const { name } = await make({ partitions: 1 });
    expect((await call('PUT', name, { partitions: 3 })).body).toMatchObject({
      code: 'CATALOG.REORDER_NOT_ALLOWED',
    });
    const grown = await call('PUT', name, { partitions: 3, allowReorder: true });
    expect(grown.body['partitions']).toBe(3);
    expect((await catalog.log.admin.describeTopic(name))?.partitions).toHaveLength(3);
    expect((await call('PUT', name, { partitions: 2, allowReorder: true })).body).toMatchObject({
      code: 'CATALOG.PARTITIONS_CANNOT_SHRINK',
    });
  });

  it('are changed only in the state that If-Match names', async () => {
    const name = uniqueName('topic');
    expect((await call('PUT', name, {}, { 'if-match': '*' })).status).toBe(412);
    const etag = (await call('PUT', name)).headers.get('etag')!;
    expect((await call('PUT', name, { enforceSchemas: true }, { 'if-match': etag })).status).toBe(
      200,
    );
    const stale = await call('PUT', name, { enforceSchemas: false }, { 'if-match': etag });
    expect(stale.status).toBe(412);
    expect((await call('GET', name)).body['enforceSchemas']).toBe(true);
  });

  it('are adopted when Kafka has them, and only forgotten then', async () => {
    const name = uniqueName('foreign');
    await inKafka({ name, partitions: 3 });
    const before = await catalog.log.admin.topicConfigs(name);
    expect((await call('PUT', name, { partitions: 4 })).body).toMatchObject({
      code: 'CATALOG.TOPIC_NOT_MANAGED',
    });
    const adopted = await call('PUT', name, { maxEventBytes: 5_000_000 });
    expect(adopted.status).toBe(201);
    expect(adopted.body).toMatchObject({ managed: false, partitions: 3 });
    expect((await call('PUT', name, { retentionSeconds: 1 })).status).toBe(409);
    expect(await catalog.log.admin.topicConfigs(name)).toEqual(before);
    expect((await call('DELETE', `${name}?data=delete`)).status).toBe(409);
    expect((await call('DELETE', name)).status).toBe(204);
    expect(await catalog.log.admin.describeTopic(name)).toBeDefined();
    expect((await call('GET', name)).status).toBe(404);
    await catalog.topicKnown(adopted.body.uid, (state) => state === undefined);
  });

  it('are deleted with their data only when that is asked for', async () => {
    const { name, uid } = await make();
    expect((await call('DELETE', name)).body).toMatchObject({
      code: 'CATALOG.DATA_DELETE_REQUIRED',
    });
    expect((await call('DELETE', `${name}?data=delete`)).status).toBe(204);
    expect(await catalog.log.admin.describeTopic(name)).toBeUndefined();
    await catalog.topicKnown(uid, (state) => state === undefined);
    expect((await call('DELETE', `${name}?data=delete`)).status).toBe(404);
    const again = await call('PUT', name);
    expect(again.status).toBe(201);
    expect(again.body.uid).not.toBe(uid);
  });

  it('are not deleted while they have subscriptions', async () => {
    const { name } = await make();
    catalog.answerSubscriptions(2);
    const answer = await call('DELETE', `${name}?data=delete`);
    catalog.answerSubscriptions(0);
    expect(answer.body).toMatchObject({ code: 'CATALOG.TOPIC_HAS_SUBSCRIPTIONS', count: 2 });
    expect((await call('GET', name)).status).toBe(200);
  });

  it('are listed in pages by name', async () => {
    const prefix = uniqueName('list');
    for (const letter of ['c', 'a', 'b'])
      await call('PUT', `${prefix}-${letter}`, { partitions: 1 });
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? '' : `&cursor=${cursor}`;
      const page: { data: Topic[]; nextCursor: string | null } = await catalog.client.must(
        'GET',
        `/v1/topics?limit=2${query}`,
      );
      seen.push(...page.data.map(({ name }) => name));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual([...seen].sort());
    expect(seen.filter((name) => name.startsWith(prefix))).toHaveLength(3);
  });

  it.each([
    ['Upper', {}, 'CATALOG.TOPIC_NAME_INVALID'],
    ['millrace.mine', {}, 'CATALOG.TOPIC_NAME_INVALID'],
    ['__offsets', {}, 'CATALOG.TOPIC_NAME_INVALID'],
    ['fine', { partition: 1 }, 'REQUEST.UNKNOWN_FIELD'],
    ['fine', { partitions: 0 }, 'REQUEST.INVALID'],
    ['fine', { partitions: '4' }, 'REQUEST.INVALID'],
  ])('named %s with %j are refused: %s', async (name, json, code) => {
    const answer = await call('PUT', name, json);
    expect(answer.status).toBe(400);
    expect(answer.body['code']).toBe(code);
  });

  it('show that they were deleted or made again in Kafka by others', async () => {
    const { name, uid, kafkaTopicId } = await make();
    await catalog.log.admin.deleteTopic(name);
    expect((await call('GET', name)).body['status']).toBe('missing');
    const { id } = await inKafka({ name, partitions: 2 });
    expect(id).not.toBe(kafkaTopicId);
    await catalog.reconcile();
    await catalog.topicKnown(uid, (state) => state?.kafkaTopicId === id && state.partitions === 2);
    expect((await call('GET', name)).body).toMatchObject({ status: 'active', kafkaTopicId: id });
  });

  it('are made again by PUT when they were deleted in Kafka', async () => {
    const { name, uid, kafkaTopicId } = await make({ partitions: 2 });
    await catalog.log.admin.deleteTopic(name);
    const again = await call('PUT', name);
    expect(again.body).toMatchObject({ uid, status: 'active', partitions: 2 });
    expect(again.body.kafkaTopicId).not.toBe(kafkaTopicId);
  });

  it('obey commands over Kafka, and tell of their end', async () => {
    const program = await ForeignProgram.start(catalog.client.installation, [topicDeleted]);
    const name = uniqueName('topic');
    const made = await program.command(putTopic, { name, topic: { partitions: 2 } });
    expect(made.value).toMatchObject({ name, partitions: 2, managed: true });
    const known = await catalog.topicKnown(made.value!.uid, (state) => state !== undefined);
    expect(known).toEqual(made.value);
    const refused = await program.command(putTopic, { name: 'NO', topic: {} });
    expect(refused.error?.code).toBe('CATALOG.TOPIC_NAME_INVALID');
    await call('DELETE', `${name}?data=delete`);
    expect(await program.event(topicDeleted, (topic) => topic.name === name)).toEqual({
      uid: made.value!.uid,
      name,
      dataDeleted: true,
    });
    await program.stop();
  });

  it('carry what their contract promises', () => {
    expect(topicsState.owner).toBe('catalog');
    for (const topic of catalog.topics.values())
      expect(Object.keys(topic).sort()).toEqual(
        [...(topicsState.schema['required'] as string[])].sort(),
      );
  });
});
