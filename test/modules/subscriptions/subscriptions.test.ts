import { newUid } from '../../../src/common/ids.js';
import { topicDeleted } from '../../../src/kafka/contracts/catalog.contracts.js';
import { BreakSubscriptions } from '../../../src/modules/subscriptions/use-cases/break-subscriptions.js';
import type { UnitOfWork } from '../../../src/kafka/transport/outbox/unit-of-work.js';
import { unitOfWorkOf } from '../../../src/kafka/transport/tokens.js';
import { uniqueName } from '../../support/client.js';
import { StreamsApp, testBed, type TestBed } from '../streams/streams-app.js';

describe('subscriptions', () => {
  let bed: TestBed;
  let app: StreamsApp;
  let topic: string;
  let topicUid: string;

  beforeAll(async () => {
    bed = await testBed();
    app = await StreamsApp.start(bed);
    ({ name: topic, uid: topicUid } = await app.createTopic(2));
    await app.publishNumbers(topic, 1, 3, 0);
  });
  afterAll(async () => {
    await app.stop();
    await bed.database.drop();
  });

  const create = (body: Record<string, unknown>) =>
    app.client.call('POST', '/v1/subscriptions', {
      json: { id: uniqueName('s'), topic, kind: 'stream', ...body },
    });
  const created = async (body: Record<string, unknown> = {}) => {
    const { status, body: subscription } = await create(body);
    expect(status).toBe(201);
    return subscription as { id: string; uid: string };
  };
  const call = (
    method: string,
    id: string,
    json?: Record<string, unknown>,
    headers: Record<string, string> = {},
  ) => app.client.call(method, `/v1/subscriptions/${id}`, { json, headers });

  it.each([
    [undefined, 'latest', { '0': 3, '1': 0 }],
    ['earliest', 'earliest', { '0': 0, '1': 0 }],
    [{ time: '2020-01-01T00:00:00Z' }, { time: '2020-01-01T00:00:00Z' }, { '0': 0, '1': 0 }],
    [{ offsets: { '0': 2 } }, { offsets: { '0': 2 } }, { '0': 2, '1': 0 }],
  ])(
    'have a start of %j fixed as offsets before they are answered',
    async (asked, start, offsets) => {
      const { body } = await create({ start: asked });
      expect(body).toMatchObject({ start, startOffsets: offsets, status: 'active', reason: null });
    },
  );

  it.each([
    [{ kind: 'carrier-pigeon' }, 400, 'SUBSCRIPTIONS.UNKNOWN_KIND'],
    [{ filter: { sql: 'a = 1' } }, 400, 'FILTER.UNKNOWN_DIALECT'],
    [{ topic: 'no-such-topic' }, 404, 'SUBSCRIPTIONS.TOPIC_UNKNOWN'],
    [{ start: 'yesterday' }, 400, 'SUBSCRIPTIONS.START_INVALID'],
    [{ start: { offsets: { '0': 99 } } }, 400, 'SUBSCRIPTIONS.START_INVALID'],
    [{ id: 'Not An Id' }, 400, 'REQUEST.INVALID'],
    [{ colour: 'blue' }, 400, 'REQUEST.UNKNOWN_FIELD'],
  ])('that say %j are refused', async (body, status, code) => {
    const answer = await create(body);
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
  });

  it('have unique ids, and a new uid when made again', async () => {
    const first = await created();
    const again = await create({ id: first.id });
    expect([again.status, again.body['code']]).toEqual([409, 'SUBSCRIPTIONS.ID_TAKEN']);
    expect((await call('DELETE', first.id)).status).toBe(204);
    expect((await call('GET', first.id)).status).toBe(404);
    expect((await created({ id: first.id })).uid).not.toBe(first.uid);
  });

  it('are made and changed by PUT, which repeated changes nothing', async () => {
    const id = uniqueName('put');
    const body = { topic, kind: 'stream', start: 'earliest', filter: { exact: { type: 'a' } } };
    const made = await call('PUT', id, body);
    const repeated = await call('PUT', id, body);
    expect([made.status, repeated.status]).toEqual([201, 200]);
    expect(repeated.headers.get('etag')).toBe(made.headers.get('etag'));
    await call('POST', `${id}/pause`);
    const changed = await call('PUT', id, { topic, kind: 'stream' });
    expect(changed.body).toMatchObject({ filter: null, start: 'earliest', status: 'paused' });
    expect(changed.headers.get('etag')).not.toBe(made.headers.get('etag'));
  });

  it('are patched by merging, in both content types', async () => {
    const { id } = await created({ filter: { exact: { type: 'a' } } });
    const merged = await call('PATCH', id, { filter: { exact: { source: '/s' } } });
    expect(merged.body['filter']).toEqual({ exact: { type: 'a', source: '/s' } });
    const cleared = await app.client.call('PATCH', `/v1/subscriptions/${id}`, {
      body: '{"filter":null}',
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    expect([cleared.status, cleared.body['filter']]).toEqual([200, null]);
  });

  it.each([
    [{ topic: 'other' }],
    [{ kind: 'queue' }],
    [{ start: 'earliest' }],
    [{ tenant: 'acme' }],
    [{ id: 'another' }],
  ])('keep what they are: %j is refused', async (patch) => {
    const { id } = await created();
    const { status, body } = await call('PATCH', id, patch);
    expect([status, body['code']]).toEqual([409, 'SUBSCRIPTIONS.FIELD_IMMUTABLE']);
  });

  it('change only for who has seen their latest state, when asked to check', async () => {
    const { id } = await created();
    const etag = (await call('GET', id)).headers.get('etag')!;
    const patch = { filter: { exact: { type: 'b' } } };
    expect((await call('PATCH', id, patch, { 'if-match': etag })).status).toBe(200);
    const stale = await call('PATCH', id, { filter: null }, { 'if-match': etag });
    expect([stale.status, stale.body['code']]).toEqual([412, 'REQUEST.PRECONDITION_FAILED']);
    expect((await call('DELETE', id, undefined, { 'if-match': etag })).status).toBe(412);
  });

  it('pause, resume, and refuse what their status does not allow', async () => {
    const { id } = await created();
    const paused = await call('POST', `${id}/pause`);
    expect(paused.body).toMatchObject({ status: 'paused', reason: 'requested' });
    const again = await call('POST', `${id}/pause`);
    expect(again.body['since']).toBe(paused.body['since']);
    const enabled = await call('POST', `${id}/enable`);
    expect([enabled.status, enabled.body['code']]).toEqual([
      409,
      'SUBSCRIPTIONS.TRANSITION_REFUSED',
    ]);
    expect((await call('POST', `${id}/resume`)).body['status']).toBe('active');
  });

  it("of a tenant are hidden from other tenants' keys, which create by POST only", async () => {
    const keyOf = (tenant: string) =>
      app.client.as(app.createKey({ scopes: ['manage', 'consume'], tenant }).key);
    const [blue, red] = [keyOf('blue'), keyOf('red')];
    const id = uniqueName('tenant');
    const body = { id, topic, kind: 'stream' };
    const put = await blue.call('PUT', `/v1/subscriptions/${id}`, { json: body });
    expect(put.status).toBe(404);
    const made = await blue.call('POST', '/v1/subscriptions', { json: body });
    expect(made.body).toMatchObject({ tenant: 'blue' });
    const stolen = await red.call('POST', '/v1/subscriptions', {
      json: { ...body, id: uniqueName('x'), tenant: 'blue' },
    });
    expect([stolen.status, stolen.body['code']]).toEqual([403, 'AUTH.TENANT_FORBIDDEN']);
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/pause'],
      ['GET', '/stats'],
      ['GET', '/gaps'],
    ] as const)
      expect((await red.call(method, `/v1/subscriptions/${id}${path}`)).status).toBe(404);
    const list = await red.must<{ data: unknown[] }>('GET', '/v1/subscriptions');
    expect(list.data).toEqual([]);
  });

  it('are listed page by page, as far as a key may see them', async () => {
    const ids = [];
    for (let n = 0; n < 3; n += 1) ids.push((await created({ id: uniqueName('page') })).id);
    const { key } = app.createKey({ scopes: ['manage'], subscriptions: ids });
    const limited = app.client.as(key);
    const seen: string[] = [];
    for (let cursor = ''; ;) {
      const page = await limited.must<{ data: { id: string }[]; nextCursor: string | null }>(
        'GET',
        `/v1/subscriptions?limit=2${cursor}`,
      );
      seen.push(...page.data.map(({ id }) => id));
      if (page.nextCursor === null) break;
      cursor = `&cursor=${page.nextCursor}`;
    }
    expect(seen).toEqual(ids.sort());
    const forbidden = await limited.call('GET', `/v1/subscriptions/${(await created()).id}`);
    expect([forbidden.status, forbidden.body['code']]).toEqual([
      403,
      'AUTH.SUBSCRIPTION_FORBIDDEN',
    ]);
  });

  it('break when their topic goes, and no new one is made on it afterwards', async () => {
    expect(topicDeleted.owner).toBe('catalog');
    const doomed = await app.createTopic(1);
    const { id } = await created({ topic: doomed.name });
    const unitOfWork = app.app.get<UnitOfWork>(unitOfWorkOf('subscriptions'), { strict: false });
    const breakAll = app.app.get(BreakSubscriptions, { strict: false });
    await unitOfWork.run((tx) => breakAll.execute(tx, doomed.uid));
    await unitOfWork.run((tx) => breakAll.execute(tx, newUid()));
    expect((await call('GET', id)).body).toMatchObject({
      status: 'broken',
      reason: 'topic-deleted',
    });
    const late = await create({ topic: doomed.name });
    expect([late.status, late.body['code']]).toEqual([404, 'SUBSCRIPTIONS.TOPIC_UNKNOWN']);
    expect((await call('POST', `${id}/resume`)).status).toBe(409);
    expect((await app.client.call('GET', `/v1/streams/${id}/events`)).status).toBe(409);
    expect(topicUid).not.toBe(doomed.uid);
  });
});
