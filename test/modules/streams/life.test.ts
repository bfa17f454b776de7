import { Kafka, logLevel } from 'kafkajs';

import { eventually } from '../../support/eventually.js';
import { envelopes, SseConnection, type SseMessage } from '../../support/sse.js';
import { StreamsApp, testBed, type TestBed } from './streams-app.js';

const told = (reader: SseConnection, event: string): Promise<SseMessage | undefined> =>
  eventually(
    () => reader.next(),
    (message) => message === undefined || message.event === event,
  );

const idsOf = (messages: readonly { readonly data: string }[]): readonly string[] =>
  envelopes(messages).map(({ event }) => event.id);

describe('a stream', () => {
  let bed: TestBed;
  let app: StreamsApp;

  beforeAll(async () => {
    bed = await testBed();
    app = await StreamsApp.start(bed);
  });
  afterAll(async () => {
    await app.stop();
    await bed.database.drop();
  });

  const streamOf = async (more: Record<string, unknown> = {}) => {
    const topic = await app.createTopic(1);
    return { topic, stream: await app.client.createStream(topic.name, more) };
  };
  const gapsOf = async (stream: string) => {
    const { data } = await app.client.must<{ data: Record<string, unknown>[] }>(
      'GET',
      `/v1/subscriptions/${stream}/gaps`,
    );
    return data;
  };

  it('stands still while paused and goes on in order', async () => {
    const { topic, stream } = await streamOf();
    const reader = await SseConnection.open(app.client, stream);
    await app.client.must('POST', `/v1/subscriptions/${stream}/pause`);
    await told(reader, 'paused');
    await app.publishNumbers(topic.name, 1, 2);
    await app.client.must('POST', `/v1/subscriptions/${stream}/resume`);
    expect(idsOf(await reader.events(2))).toEqual(['1', '2']);
    reader.close();
  });

  it('ends with a reason when its subscription is deleted', async () => {
    const { stream } = await streamOf();
    const reader = await SseConnection.open(app.client, stream);
    await app.client.must('DELETE', `/v1/subscriptions/${stream}`);
    expect(await told(reader, 'end')).toMatchObject({ data: '{"reason":"deleted"}' });
    expect(await reader.next()).toBeUndefined();
  });

  it('ends when the key that reads it is revoked, and not for others', async () => {
    const { topic, stream } = await streamOf();
    const { key, revoke } = app.createKey({});
    const reader = await SseConnection.open(app.client, stream, { key });
    revoke();
    expect(await told(reader, 'end')).toMatchObject({ data: '{"reason":"revoked"}' });
    const next = await SseConnection.open(app.client, stream);
    await app.publishNumbers(topic.name, 1, 1);
    expect(await next.events(1)).toHaveLength(1);
    next.close();
  });

  it("of a tenant gives that tenant's events only, to that tenant's keys only", async () => {
    const { topic, stream } = await streamOf({ tenant: 'blue' });
    await app.publish(topic.name, [
      { id: '1', tenant: 'red' },
      { id: '2', tenant: 'blue' },
      { id: '3' },
      { id: '4', tenant: 'blue' },
    ]);
    const reader = await SseConnection.open(app.client, stream);
    expect(idsOf(await reader.events(2))).toEqual(['2', '4']);
    reader.close();
    const red = app.client.as(app.createKey({ tenant: 'red' }).key);
    expect((await red.call('GET', `/v1/streams/${stream}/events`)).status).toBe(404);
    const look = await red.must<{ data: { event: { id: string } }[] }>(
      'GET',
      `/v1/topics/${topic.name}/events`,
    );
    expect(look.data.map(({ event }) => event.id)).toEqual(['1']);
    expect((await red.call('GET', `/v1/topics/${topic.name}/events/0/1`)).status).toBe(404);
    expect((await red.call('GET', `/v1/topics/${topic.name}/events/0/0`)).status).toBe(200);
  });

  it('records a gap where retention took events before they were read', async () => {
    const { topic, stream } = await streamOf();
    await app.publishNumbers(topic.name, 1, 5);
    const kafka = new Kafka({
      brokers: [process.env['MILLRACE_TEST_KAFKA']!],
      logLevel: logLevel.NOTHING,
    });
    const admin = kafka.admin();
    await admin.connect();
    const partitions = [{ partition: 0, offset: '3' }];
    await admin.fetchTopicOffsets(topic.name);
    await admin.deleteTopicRecords({ topic: topic.name, partitions });
    await admin.disconnect();
    const reader = await SseConnection.open(app.client, stream);
    const gap = { partition: 0, fromOffset: 0, toOffset: 3, reason: 'expired' };
    expect(JSON.parse((await told(reader, 'gap'))!.data!)).toEqual(gap);
    expect(idsOf(await reader.events(2))).toEqual(['4', '5']);
    reader.close();
    expect(await gapsOf(stream)).toMatchObject([gap]);
  });

  it('records a gap and starts anew when its topic was made again', async () => {
    const { topic, stream } = await streamOf();
    await app.publishNumbers(topic.name, 1, 3);
    const reader = await SseConnection.open(app.client, stream);
    const before = (await reader.events(3))[2]!.id!;
    await app.log.admin.deleteTopic(topic.name);
    await eventually(
      () => app.log.admin.describeTopic(topic.name),
      (described) => described === undefined,
    );
    await app.log.admin.createTopic({ name: topic.name, partitions: 1 });
    await app.publishNumbers(topic.name, 11, 12);
    expect(JSON.parse((await told(reader, 'gap'))!.data!)).toMatchObject({ reason: 'deleted' });
    expect(idsOf(await reader.events(2))).toEqual(['11', '12']);
    const late = { json: { cursor: before } };
    expect((await app.client.call('POST', `/v1/streams/${stream}/commit`, late)).status).toBe(409);
    reader.close();
    expect(await gapsOf(stream)).toMatchObject([{ reason: 'deleted', fromOffset: 3 }]);
  });

  it('tells how far it has come', async () => {
    const { topic, stream } = await streamOf();
    await app.publishNumbers(topic.name, 1, 4);
    const reader = await SseConnection.open(app.client, stream);
    const [, second] = await reader.events(2);
    await app.client.must('POST', `/v1/streams/${stream}/commit`, { json: { cursor: second!.id } });
    const stats = await app.client.must('GET', `/v1/subscriptions/${stream}/stats`);
    expect(stats).toEqual({
      readers: 1,
      partitions: [
        { partition: 0, committedOffset: 2, startOffset: 0, endOffset: 4, lag: 2, leased: true },
      ],
    });
    reader.close();
  });

  it('lets its topic be looked into page by page, by key and by filter', async () => {
    const topic = await app.createTopic(2);
    await app.publish(
      topic.name,
      [1, 2, 3, 4, 5, 6].map((n) => ({
        id: String(n),
        type: n % 2 ? 'odd' : 'even',
        key: `k${n % 3}`,
        partition: n % 2,
      })),
    );
    const look = async (query: string) => {
      const { data, nextCursor } = await app.client.must<{
        data: { event: { id: string } }[];
        nextCursor: string | null;
      }>('GET', `/v1/topics/${topic.name}/events?${query}`);
      return { ids: data.map(({ event }) => event.id).sort(), nextCursor };
    };
    expect((await look('')).ids).toEqual(['1', '2', '3', '4', '5', '6']);
    expect((await look('partition=1')).ids).toEqual(['1', '3', '5']);
    expect((await look('partition=1&from=1')).ids).toEqual(['3', '5']);
    expect((await look('from=latest&limit=2')).ids).toHaveLength(2);
    expect((await look('key=k0')).ids).toEqual(['3', '6']);
    const filter = encodeURIComponent('{"exact":{"type":"even"}}');
    expect((await look(`filter=${filter}`)).ids).toEqual(['2', '4', '6']);
    const first = await look('limit=4');
    const second = await look(`limit=4&cursor=${first.nextCursor}`);
    expect([...first.ids, ...second.ids].sort()).toEqual(['1', '2', '3', '4', '5', '6']);
    expect(second.nextCursor).toBeNull();
    const wrong = await app.client.call('GET', `/v1/topics/${topic.name}/events?filter={`);
    expect([wrong.status, wrong.body['code']]).toEqual([400, 'STREAMS.PARAMETER_INVALID']);
  });
});

describe('a process that shuts down', () => {
  it('ends its streams so that readers come back elsewhere, and frees their partitions', async () => {
    const bed = await testBed();
    const going = await StreamsApp.start(bed);
    const staying = await StreamsApp.start(bed);
    const topic = await going.createTopic(1);
    const stream = await going.client.createStream(topic.name);
    await going.publishNumbers(topic.name, 1, 2);
    const reader = await SseConnection.open(going.client, stream);
    const [first] = await reader.events(1);
    await going.stop();
    expect(await told(reader, 'end')).toBeUndefined();
    const next = await SseConnection.open(staying.client, stream, { lastEventId: first!.id! });
    expect(idsOf(await next.events(1))).toEqual(['2']);
    next.close();
    await staying.stop();
    await bed.database.drop();
  });
});
