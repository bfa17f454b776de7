import { subscriptionUpdated } from '../../../src/kafka/contracts/subscriptions.contracts.js';
import { uniqueName } from '../../support/client.js';
import { PlainKafka } from '../transport/support/plain-kafka.js';
import { SubscriptionsApp } from './subscriptions-app.js';

interface Shown {
  readonly id: string;
  readonly uid: string;
  readonly webhook: Record<string, unknown>;
}

const url = 'https://hooks.example.invalid/in';
const secret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;
const other = `whsec_${Buffer.alloc(32, 6).toString('base64')}`;

describe('the definition of a webhook', () => {
  let app: SubscriptionsApp;
  let topic: string;
  const kafka = new PlainKafka();

  beforeAll(async () => {
    app = await SubscriptionsApp.start();
    topic = await app.createTopic();
    await kafka.connect();
  });
  afterAll(async () => {
    await kafka.close();
    await app.stop();
  });

  const create = (webhook: unknown, more: Record<string, unknown> = {}) =>
    app.client.call<Record<string, unknown>>('POST', '/v1/subscriptions', {
      json: { id: uniqueName('w'), topic, kind: 'webhook', webhook, ...more },
    });
  const created = async (webhook: Record<string, unknown> = {}): Promise<Shown> => {
    const { status, body } = await create({ url, ...webhook });
    expect([status, body['code']]).toEqual([201, undefined]);
    return body as unknown as Shown;
  };
  const call = (method: string, id: string, json?: unknown) =>
    app.client.call<Record<string, unknown>>(method, `/v1/subscriptions/${id}`, { json });

  it('is shown complete with its defaults, and without a secret', async () => {
    const { id, webhook } = await created({ headers: { Authorization: 'Bearer abc' } });
    expect(webhook).toEqual({
      url,
      ordering: 'none',
      maxInFlight: 16,
      timeoutSeconds: 15,
      retry: {
        scheduleSeconds: [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400],
        jitter: 0.1,
      },
      payload: 'standard',
      headers: { authorization: 'Bearer abc' },
    });
    expect((await call('GET', id)).body['webhook']).toEqual(webhook);
    const list = await app.client.must<{ data: Shown[] }>('GET', '/v1/subscriptions?limit=500');
    expect(list.data.find((each) => each.id === id)?.webhook).toEqual(webhook);
  });

  it('keeps all that is said of it', async () => {
    const said = {
      url: 'http://93.184.216.34:8080/a?b=c',
      ordering: 'key',
      maxInFlight: 256,
      timeoutSeconds: 1,
      retry: { scheduleSeconds: [], jitter: 1 },
      payload: 'cloudevents-structured',
      headers: { 'x-a': 'b' },
    };
    expect((await created(said)).webhook).toEqual(said);
  });

  it('is refused for another kind, and may be null there', async () => {
    const refused = await create({ url }, { kind: 'stream' });
    expect(refused.body['code']).toBe('SUBSCRIPTIONS.WEBHOOK_UNEXPECTED');
    const stream = await create(null, { kind: 'stream' });
    expect([stream.status, stream.body['webhook']]).toEqual([201, null]);
    const patched = await call('PATCH', String(stream.body['id']), { webhook: { url } });
    expect(patched.body['code']).toBe('SUBSCRIPTIONS.WEBHOOK_UNEXPECTED');
  });

  it('is made and changed by PUT, which repeated changes nothing', async () => {
    const id = uniqueName('put');
    const webhook = { url, ordering: 'key', headers: { 'X-A': 'b' }, secret };
    const definition = { topic, kind: 'webhook', webhook };
    const made = await call('PUT', id, definition);
    const repeated = await call('PUT', id, definition);
    const silent = { url, ordering: 'key', headers: { 'x-a': 'b' } };
    const withoutSecret = await call('PUT', id, { ...definition, webhook: silent });
    expect([made.status, repeated.status, withoutSecret.status]).toEqual([201, 200, 200]);
    for (const { headers } of [repeated, withoutSecret])
      expect(headers.get('etag')).toBe(made.headers.get('etag'));
    const changed = await call('PUT', id, { ...definition, webhook: { url, maxInFlight: 2 } });
    expect(changed.body['webhook']).toMatchObject({
      ordering: 'none',
      maxInFlight: 2,
      headers: {},
    });
    expect(changed.headers.get('etag')).not.toBe(made.headers.get('etag'));
    const secrets = await call('GET', `${id}/secret`);
    expect(secrets.body).toEqual({ secrets: [{ secret, expiresAt: null }] });
  });

  it('that repeated changes nothing tells nobody', async () => {
    const { id } = await created();
    const updates = `${app.settings.kafka.prefix}${subscriptionUpdated.name}`;
    await call('PATCH', id, { webhook: { maxInFlight: 1 } });
    const told = await kafka.count(updates);
    await call('PUT', id, { topic, kind: 'webhook', webhook: { url, maxInFlight: 1 } });
    await call('PATCH', id, { webhook: { url, headers: {} } });
    expect(await kafka.count(updates)).toBe(told);
    await call('PATCH', id, { webhook: { maxInFlight: 2 } });
    expect(await kafka.count(updates)).toBe(told + 1);
  });

  it('never changes the secret: PUT and PATCH with another one are refused', async () => {
    const { id } = await created({ secret });
    const put = await call('PUT', id, { topic, kind: 'webhook', webhook: { url, secret: other } });
    const patch = await call('PATCH', id, { webhook: { secret: other } });
    for (const { status, body } of [put, patch])
      expect([status, body['code']]).toEqual([409, 'SUBSCRIPTIONS.WEBHOOK_SECRET_IMMUTABLE']);
    expect((await call('PATCH', id, { webhook: { secret } })).status).toBe(200);
  });

  it('is patched by merging, down to single headers', async () => {
    const { id, webhook } = await created({
      maxInFlight: 3,
      retry: { scheduleSeconds: [1, 2], jitter: 0 },
      headers: { 'x-a': '1', 'x-b': '2' },
    });
    const patch = {
      timeoutSeconds: 30,
      maxInFlight: null,
      retry: { jitter: 0.5 },
      headers: { 'X-A': null, 'x-c': '3' },
    };
    const patched = await call('PATCH', id, { webhook: patch });
    expect(patched.body['webhook']).toEqual({
      ...webhook,
      timeoutSeconds: 30,
      maxInFlight: 16,
      retry: { scheduleSeconds: [1, 2], jitter: 0.5 },
      headers: { 'x-b': '2', 'x-c': '3' },
    });
  });

  it.each([
    [{ webhook: null }, 'SUBSCRIPTIONS.WEBHOOK_MISSING'],
    [{ webhook: { url: null } }, 'SUBSCRIPTIONS.WEBHOOK_URL_INVALID'],
    [{ webhook: { url: 'https://127.0.0.1/' } }, 'SUBSCRIPTIONS.WEBHOOK_ADDRESS_FORBIDDEN'],
    [{ webhook: { headers: { host: 'x' } } }, 'SUBSCRIPTIONS.WEBHOOK_HEADERS_INVALID'],
    [{ webhook: { maxInFlight: 0 } }, 'REQUEST.INVALID'],
    [{ webhook: { colour: 'blue' } }, 'REQUEST.UNKNOWN_FIELD'],
  ])('stays what it is when a patch is %j', async (patch, code) => {
    const { id, webhook } = await created();
    const { status, body } = await call('PATCH', id, patch);
    expect([status, body['code']]).toEqual([400, code]);
    expect((await call('GET', id)).body['webhook']).toEqual(webhook);
  });

  it('changes together with the filter, in one version', async () => {
    const { id } = await created();
    const before = (await call('GET', id)).headers.get('etag')!;
    const filter = { exact: { type: 'paid' } };
    const patched = await call('PATCH', id, { filter, webhook: { maxInFlight: 1 } });
    expect(patched.body).toMatchObject({ filter, webhook: { maxInFlight: 1 } });
    expect(patched.headers.get('etag')).toBe(before.replace('-1"', '-2"'));
  });
});
