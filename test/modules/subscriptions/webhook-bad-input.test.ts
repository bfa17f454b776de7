import { uniqueName } from '../../support/client.js';
import { SubscriptionsApp } from './subscriptions-app.js';

const url = 'https://hooks.example.invalid/in';

const addresses = [
  '127.0.0.1',
  '0x7f.1',
  '2130706433',
  '017700000001',
  '127.1',
  '0',
  '10.1.2.3',
  '172.16.0.1',
  '192.168.1.1',
  '100.64.0.1',
  '169.254.169.254',
  '224.0.0.1',
  '255.255.255.255',
  '[::1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::127.0.0.1]',
  '[::ffff:a9fe:a9fe]',
  '[fe80::1]',
  '[fc00::1]',
  '[fd00:ec2::254]',
  '[ff02::1]',
  '[64:ff9b::7f00:1]',
  '[2002:7f00:1::]',
  'localhost',
  'LocalHost',
];

describe('a webhook', () => {
  let app: SubscriptionsApp;
  let topic: string;

  beforeAll(async () => {
    app = await SubscriptionsApp.start({ webhookAllowCidrs: ['10.0.0.0/16'] });
    topic = await app.createTopic();
  });
  afterAll(() => app.stop());

  const create = (webhook: unknown, more: Record<string, unknown> = {}) =>
    app.client.call<Record<string, unknown>>('POST', '/v1/subscriptions', {
      json: { id: uniqueName('w'), topic, kind: 'webhook', webhook, ...more },
    });

  const bad = (code: string, ...webhooks: unknown[]) =>
    webhooks.map((webhook) => [code, webhook] as const);
  it.each([
    ...bad('SUBSCRIPTIONS.WEBHOOK_MISSING', undefined, null),
    ...bad(
      'SUBSCRIPTIONS.WEBHOOK_URL_INVALID',
      {},
      { url: 'no url' },
      { url: 'ftp://example.com/' },
      { url: 'https://user:password@example.com/' },
    ),
    ...bad(
      'SUBSCRIPTIONS.WEBHOOK_ADDRESS_FORBIDDEN',
      ...addresses.map((host) => ({ url: `https://${host}/` })),
    ),
    ...bad(
      'SUBSCRIPTIONS.WEBHOOK_SECRET_INVALID',
      { url, secret: 'secret' },
      { url, secret: `whsec_${Buffer.alloc(23).toString('base64')}` },
      { url, secret: `whsec_${Buffer.alloc(65).toString('base64')}` },
    ),
    ...bad(
      'SUBSCRIPTIONS.WEBHOOK_HEADERS_INVALID',
      { url, headers: { Host: 'x' } },
      { url, headers: { 'content-length': '1' } },
      { url, headers: { 'webhook-id': 'x' } },
      { url, headers: { 'x-a': 'b\r\nc: d' } },
      { url, headers: { 'x-a': 1 } },
    ),
    ...bad(
      'SUBSCRIPTIONS.WEBHOOK_SCHEDULE_INVALID',
      { url, retry: { scheduleSeconds: [-1] } },
      { url, retry: { scheduleSeconds: [0.5] } },
      { url, retry: { scheduleSeconds: [604_801] } },
      { url, retry: { scheduleSeconds: Array.from({ length: 33 }, () => 1) } },
    ),
    ...bad(
      'REQUEST.INVALID',
      'https://example.com',
      [],
      [{ url }],
      { url: 1 },
      { url, ordering: 'global' },
      { url, maxInFlight: 0 },
      { url, maxInFlight: 257 },
      { url, maxInFlight: 1.5 },
      { url, maxInFlight: '16' },
      { url, timeoutSeconds: 0 },
      { url, timeoutSeconds: 61 },
      { url, retry: [] },
      { url, retry: { scheduleSeconds: 5 } },
      { url, retry: { scheduleSeconds: ['5'] } },
      { url, retry: { jitter: -0.1 } },
      { url, retry: { jitter: 1.1 } },
      { url, payload: 'xml' },
      { url, headers: [] },
      { url, headers: 'x-a: b' },
      { url, secret: null },
      { url, secret: 5 },
    ),
    ...bad('REQUEST.UNKNOWN_FIELD', { url, retries: 3 }, { url, retry: { times: 3 } }),
  ])('is refused with %s when it is %j', async (code, webhook) => {
    const answer = await create(webhook);
    expect([answer.status, answer.body['code']]).toEqual([400, code]);
  });

  it('may have a private address where the operator allows it', async () => {
    for (const address of ['10.0.2.3', '[::ffff:10.0.2.3]'])
      expect((await create({ url: `http://${address}/` })).status).toBe(201);
  });
});
