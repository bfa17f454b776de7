import { jest } from '@jest/globals';

import { messageId } from '../../../src/events/message-id.js';
import type { TopicState } from '../../../src/kafka/contracts/catalog.contracts.js';
import { LogOverloaded, LogUnavailable } from '../../../src/kafka/log/log.errors.js';
import { IngestApp } from './ingest-app.js';

const structured = 'application/cloudevents+json';
const batch = 'application/cloudevents-batch+json';
const eventOf = (id: string, more: Record<string, unknown> = {}) => ({
  specversion: '1.0',
  id,
  source: '/shop',
  type: 'order.created',
  ...more,
});

describe('publishing over REST', () => {
  let app: IngestApp;
  let topic: TopicState;

  beforeAll(async () => {
    app = await IngestApp.start();
  });

  beforeEach(async () => {
    topic = await app.createTopic();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await app.log.admin.deleteTopic(topic.name);
  });

  afterAll(async () => {
    await app.stop();
  });

  it('stores plain JSON byte for byte, with its attributes from the query', async () => {
    const query = '?type=order.paid&key=42&id=e1&source=/shop&subject=blue';
    const { status, body } = await app.publish(topic.name, '{ "total": 12.50 }', { query });
    expect(status).toBe(202);
    expect(body).toEqual({
      id: 'e1',
      messageId: messageId(topic.name, '/shop', 'e1'),
      topic: topic.name,
      partition: 0,
      offset: 0,
    });
    const [record] = await app.stored(topic.name);
    expect(record).toMatchObject({
      key: '42',
      value: '{ "total": 12.50 }',
      headers: { ce_id: 'e1', ce_type: 'order.paid', ce_source: '/shop', ce_subject: 'blue' },
    });
  });

  it('counts what was stored, for operators', async () => {
    const stored = async () => {
      const text = await app.metrics();
      return Number(/millrace_ingest_events_total\{outcome="stored"\} (\d+)/.exec(text)?.[1] ?? 0);
    };
    const before = await stored();
    await app.publish(topic.name, JSON.stringify([eventOf('1'), eventOf('2')]), { type: batch });
    expect(await stored()).toBe(before + 2);
    expect(await app.metrics()).toContain('millrace_log_publish_buffered_bytes 0');
  });

  it('gives plain JSON its topic as type, a source, an id and a time', async () => {
    expect((await app.publish(topic.name, '1')).status).toBe(202);
    const [record] = await app.stored(topic.name);
    expect(record?.headers).toMatchObject({
      ce_type: topic.name,
      ce_source: `/topics/${topic.name}`,
      'content-type': 'application/json',
    });
    expect(record?.headers['ce_id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(Date.parse(record?.headers['ce_time'] ?? '')).not.toBeNaN();
  });

  it('stores a structured event, and keeps the time that it names', async () => {
    const time = '2026-01-01T00:00:00.123456Z';
    const event = eventOf('s1', { time, partitionkey: 'k' });
    const { status } = await app.publish(
      topic.name,
      JSON.stringify({ ...event, data: { a: [1] } }),
      { type: structured },
    );
    expect(status).toBe(202);
    const [record] = await app.stored(topic.name);
    expect(record).toMatchObject({
      key: 'k',
      value: '{"a":[1]}',
      headers: { ce_time: time, ce_id: 's1' },
    });
  });

  it('stores a binary event of any content type', async () => {
    const headers = {
      'ce-specversion': '1.0',
      'ce-id': 'b1',
      'ce-source': '/shop',
      'ce-type': 'file',
      'ce-region': 'eu',
    };
    const { status } = await app.publish(topic.name, 'a;b\n', { type: 'text/csv', headers });
    expect(status).toBe(202);
    const [record] = await app.stored(topic.name);
    expect(record).toMatchObject({
      value: 'a;b\n',
      headers: { ce_region: 'eu', 'content-type': 'text/csv' },
    });
  });

  it('answers a batch in the order sent, also a batch of one', async () => {
    const events = ['x', 'y', 'z'].map((id) => eventOf(id));
    const { status, body } = await app.publish(topic.name, JSON.stringify(events), { type: batch });
    expect(status).toBe(202);
    expect(body['events']).toMatchObject([
      { id: 'x', offset: 0 },
      { id: 'y', offset: 1 },
      { id: 'z', offset: 2 },
    ]);
    const one = await app.publish(topic.name, JSON.stringify([eventOf('w')]), { type: batch });
    expect(one.body['events']).toHaveLength(1);
  });

  it('stores nothing of a batch with one bad event, and names it', async () => {
    const events = [eventOf('a'), { ...eventOf('b'), source: '' }, eventOf('c')];
    const { status, body } = await app.publish(topic.name, JSON.stringify(events), { type: batch });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'EVENTS.ATTRIBUTE_INVALID', index: 1 });
    expect(await app.stored(topic.name)).toEqual([]);
  });

  it.each([
    ['malformed JSON', '{', {}, 400, 'EVENTS.MALFORMED_JSON'],
    ['invalid UTF-8', Buffer.from([0x22, 0xff, 0x22]), {}, 400, 'EVENTS.INVALID_UTF8'],
    ['an empty body', '', {}, 400, 'INGEST.BODY_EMPTY'],
    ['an empty batch', '[]', { type: batch }, 400, 'EVENTS.BATCH_EMPTY'],
    ['another content type', 'a', { type: 'text/csv' }, 415, 'EVENTS.CONTENT_TYPE_UNSUPPORTED'],
    ['an unknown parameter', '1', { query: '?partition=1' }, 400, 'EVENTS.PARAMETER_UNKNOWN'],
    ['no key', '1', { key: null }, 401, 'AUTH.KEY_MISSING'],
    ['a wrong key', '1', { key: `mr_${'x'.repeat(43)}` }, 401, 'AUTH.KEY_INVALID'],
    ['too large an event', `"${'x'.repeat(1_000_000)}"`, {}, 413, 'INGEST.EVENT_TOO_LARGE'],
    ['too large a body', Buffer.alloc(17_000_000, '1'), {}, 413, 'REQUEST.TOO_LARGE'],
    [
      'too many events',
      JSON.stringify(Array.from({ length: 1_001 }, (_, i) => eventOf(`${i}`))),
      { type: batch },
      413,
      'INGEST.BATCH_TOO_LARGE',
    ],
  ])('refuses %s', async (_, sent, options, status, code) => {
    const answer = await app.publish(topic.name, sent, options);
    expect(answer).toMatchObject({ status, body: { status, code } });
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await app.stored(topic.name)).toEqual([]);
  });

  it('answers 404 for a topic that is not registered', async () => {
    const { status, body } = await app.publish('nowhere', '1');
    expect({ status, code: body['code'] }).toEqual({ status: 404, code: 'INGEST.TOPIC_UNKNOWN' });
  });

  it('holds events to the size that the topic sets', async () => {
    const small = await app.createTopic({ maxEventBytes: 500 });
    expect((await app.publish(small.name, `"${'x'.repeat(500)}"`)).status).toBe(413);
    expect((await app.publish(small.name, '"x"')).status).toBe(202);
    await app.log.admin.deleteTopic(small.name);
  });

  it('lets a key publish only with the scope, and only to its topics', async () => {
    const reader = app.createKey({ scopes: ['consume'] });
    const other = app.createKey({ topics: ['elsewhere'] });
    const own = app.createKey({ topics: [topic.name] });
    expect((await app.publish(topic.name, '1', { key: reader })).body['code']).toBe(
      'AUTH.SCOPE_MISSING',
    );
    expect((await app.publish(topic.name, '1', { key: other })).body['code']).toBe(
      'AUTH.TOPIC_FORBIDDEN',
    );
    expect((await app.publish(topic.name, '1', { key: own })).status).toBe(202);
  });

  it('stamps a tenant’s events, and refuses those that name another', async () => {
    const key = app.createKey({ tenant: 'acme' });
    const send = (event: object) =>
      app.publish(topic.name, JSON.stringify(event), { type: structured, key });
    expect((await send(eventOf('1'))).status).toBe(202);
    expect((await send(eventOf('2', { tenant: 'acme' }))).status).toBe(202);
    const refused = await send(eventOf('3', { tenant: 'rival' }));
    expect(refused).toMatchObject({ status: 403, body: { code: 'INGEST.TENANT_MISMATCH' } });
    const tenants = (await app.stored(topic.name)).map(({ headers }) => headers['ce_tenant']);
    expect(tenants).toEqual(['acme', 'acme']);
  });

  it('holds events to their schema where the topic demands it, at once in its newest version', async () => {
    const strict = await app.createTopic({ enforceSchemas: true });
    const send = (data: unknown, type = 'order.created') =>
      app.publish(strict.name, JSON.stringify(eventOf('1', { type, data })), { type: structured });
    expect((await send({ total: 1 })).body['code']).toBe('INGEST.SCHEMA_MISSING');
    const first = app.putSchema(strict, 'order.created', {
      type: 'object',
      properties: { total: { type: 'number' } },
    });
    expect((await send({ total: 1 })).status).toBe(202);
    expect((await send({ total: 'one' })).body).toMatchObject({
      code: 'INGEST.SCHEMA_MISMATCH',
      errors: [{ path: '/total' }],
    });
    app.putSchema(strict, 'order.created', { type: 'object', required: ['currency'] }, first);
    expect((await send({ total: 1 })).body['code']).toBe('INGEST.SCHEMA_MISMATCH');
    app.putSchema(strict, '*', { type: 'string' });
    expect((await send('text', 'anything')).status).toBe(202);
    expect((await send({ currency: 'EUR' })).status).toBe(202);
    await app.log.admin.deleteTopic(strict.name);
  });

  it('answers 429 while more waits to be stored than fits in memory', async () => {
    const { publisher } = app.log;
    jest.spyOn(publisher, 'publish').mockRejectedValue(new LogOverloaded('full'));
    const answer = await app.publish(topic.name, '1');
    expect(answer).toMatchObject({ status: 429, body: { code: 'LOG.OVERLOADED' } });
    expect(answer.headers.get('retry-after')).toBe('1');
  });

  it('answers 503 when Kafka does not acknowledge; of a batch it tells each event', async () => {
    const { publisher } = app.log;
    const lost = new LogUnavailable('gone');
    jest.spyOn(publisher, 'publish').mockResolvedValueOnce([lost]);
    const one = await app.publish(topic.name, '1');
    expect(one).toMatchObject({ status: 503, body: { code: 'LOG.UNAVAILABLE' } });
    expect(one.headers.get('retry-after')).toBe('1');
    jest.spyOn(publisher, 'publish').mockResolvedValueOnce([{ partition: 0, offset: 7 }, lost]);
    const events = JSON.stringify([eventOf('a'), eventOf('b')]);
    const many = await app.publish(topic.name, events, { type: batch });
    expect(many).toMatchObject({
      status: 503,
      body: {
        code: 'INGEST.PARTLY_STORED',
        events: [
          { id: 'a', offset: 7 },
          { id: 'b', error: { code: 'LOG.UNAVAILABLE' } },
        ],
      },
    });
  });
});
