import { MillraceError, type ErrorKind } from '../../../src/common/errors/millrace-error.js';
import type { DeadLetterSummary } from '../../../src/kafka/contracts/delivery-shapes.js';
import {
  deleteWebhookDeadLetter,
  getWebhookDeadLetter,
  getWebhookStats,
  listWebhookDeadLetters,
  listWebhookGaps,
  testWebhook,
} from '../../../src/kafka/contracts/webhooks.contracts.js';
import { uniqueName } from '../../support/client.js';
import { SubscriptionsApp } from './subscriptions-app.js';

class NothingThere extends MillraceError {
  readonly code = 'WEBHOOKS.DEAD_LETTER_NOT_FOUND';
  readonly kind: ErrorKind = 'not-found';
}

const letter: DeadLetterSummary = {
  id: 'dl-1',
  messageId: 'msg_1',
  partition: 0,
  offset: 7,
  key: null,
  eventId: '1',
  source: '/s',
  type: 't',
  attempts: 10,
  deadAt: '2026-01-01T00:00:00Z',
  error: { code: 'WEBHOOKS.STATUS', message: 'It answered 500.', status: 500 },
};
const event = { specversion: '1.0', id: '1', source: '/s', type: 't', data: { n: 1 } };

describe('the routes under a webhook subscription', () => {
  let app: SubscriptionsApp;
  let topic: string;
  let webhook: { readonly id: string; readonly uid: string };
  let stream: { readonly id: string };

  const create = (json: Record<string, unknown>) =>
    app.client.must<{ id: string; uid: string }>('POST', '/v1/subscriptions', {
      json: { id: uniqueName('r'), topic, ...json },
    });
  const definition = { kind: 'webhook', webhook: { url: 'https://hooks.example.invalid/in' } };

  beforeAll(async () => {
    app = await SubscriptionsApp.start();
    topic = await app.createTopic();
    webhook = await create(definition);
    stream = await create({ kind: 'stream' });
  });
  afterAll(() => app.stop());

  const call = (method: string, path: string, json?: unknown, client = app.client) =>
    client.call<Record<string, unknown>>(method, `/v1/subscriptions/${webhook.id}/${path}`, {
      json,
    });

  it('tell stats and gaps as the module of the kind does', async () => {
    const exceptions = { retrying: 1, parked: 2, deadLetters: 3 };
    const stats = { partitions: [], exceptions, maxExceptions: 10_000 };
    app.webhooks.answers(getWebhookStats, () => stats);
    expect((await call('GET', 'stats')).body).toEqual(stats);
    expect(app.webhooks.asked(getWebhookStats).at(-1)).toEqual({ subscriptionUid: webhook.uid });
    const at = '2026-01-01T00:00:00Z';
    const gap = { partition: 0, fromOffset: 1, toOffset: 2, reason: 'expired', at } as const;
    app.webhooks.answers(listWebhookGaps, () => ({ gaps: [gap], next: 'more' }));
    const gaps = await call('GET', 'gaps?limit=1&cursor=before');
    expect(gaps.body).toEqual({ data: [gap], nextCursor: 'more' });
    const asked = { subscriptionUid: webhook.uid, limit: 1, after: 'before' };
    expect(app.webhooks.asked(listWebhookGaps).at(-1)).toEqual(asked);
  });

  it('list dead letters page by page, show one with its event, and drop it', async () => {
    app.webhooks.answers(listWebhookDeadLetters, () => ({ deadLetters: [letter], next: null }));
    const list = await call('GET', 'dead-letters?limit=5');
    expect(list.body).toEqual({ data: [letter], nextCursor: null });
    const asked = { subscriptionUid: webhook.uid, limit: 5, after: null };
    expect(app.webhooks.asked(listWebhookDeadLetters).at(-1)).toEqual(asked);

    app.webhooks.answers(getWebhookDeadLetter, () => ({ deadLetter: letter, event }));
    expect((await call('GET', 'dead-letters/dl-1')).body).toEqual({ ...letter, event });

    app.webhooks.answers(deleteWebhookDeadLetter, () => ({ deleted: true }));
    const dropped = await call('DELETE', 'dead-letters/dl-1');
    expect([dropped.status, dropped.body]).toEqual([204, { text: '' }]);
    expect(app.webhooks.asked(deleteWebhookDeadLetter)).toEqual([
      { subscriptionUid: webhook.uid, id: 'dl-1' },
    ]);
  });

  it('answer with the error that the module answered with', async () => {
    app.webhooks.answers(getWebhookDeadLetter, () => {
      throw new NothingThere('There is no dead letter of this id.');
    });
    const { status, body } = await call('GET', 'dead-letters/nothing');
    expect([status, body['code']]).toEqual([404, 'WEBHOOKS.DEAD_LETTER_NOT_FOUND']);
  });

  it('test the endpoint, with an event of their own or one that is given', async () => {
    const result = { delivered: true, messageId: 'm', status: 204, durationMs: 5, error: null };
    app.webhooks.answers(testWebhook, () => result);
    const own = await call('POST', 'test');
    expect([own.status, own.body]).toEqual([200, result]);
    expect(app.webhooks.asked(testWebhook).at(-1)).toEqual({
      subscriptionUid: webhook.uid,
      event: null,
    });
    await call('POST', 'test', { event: { id: '7', data: { n: 1 } } });
    expect(app.webhooks.asked(testWebhook).at(-1)!.event).toEqual({
      specversion: '1.0',
      id: '7',
      source: `/topics/${topic}`,
      type: topic,
      time: expect.any(String),
      data: { n: 1 },
    });
  });

  it.each([
    [{ event: { specversion: '0.3' } }, 'EVENTS.SPECVERSION_UNSUPPORTED'],
    [{ event: 'text' }, 'REQUEST.INVALID'],
    [{ events: [] }, 'REQUEST.UNKNOWN_FIELD'],
  ])('refuse a test of %j', async (body, code) => {
    const answer = await call('POST', 'test', body);
    expect([answer.status, answer.body['code']]).toEqual([400, code]);
  });

  it('wait for a test longer than the endpoint may take', async () => {
    const patient = { ...definition.webhook, timeoutSeconds: 60 };
    const { id } = await create({ ...definition, webhook: patient });
    let patience = 0;
    app.webhooks.answers(testWebhook, (_, patienceMs) => {
      patience = patienceMs;
      return { delivered: false, messageId: 'm', status: null, durationMs: 1, error: null };
    });
    await app.client.must('POST', `/v1/subscriptions/${id}/test`);
    expect(patience).toBeGreaterThan(60_000);
  });

  it.each([
    ['GET', 'dead-letters', undefined],
    ['GET', 'dead-letters/dl-1', undefined],
    ['DELETE', 'dead-letters/dl-1', undefined],
    ['POST', 'dead-letters/redrive', undefined],
    ['POST', 'resend', { events: [{ partition: 0, offset: 0 }] }],
    ['POST', 'test', undefined],
  ])('are refused to a kind that has no such thing: %s %s', async (method, path, json) => {
    const { status, body } = await app.client.call(
      method,
      `/v1/subscriptions/${stream.id}/${path}`,
      { json },
    );
    expect([status, body['code']]).toEqual([409, 'SUBSCRIPTIONS.KIND_LACKS']);
  });

  const routes = [
    ['GET', 'stats'],
    ['GET', 'gaps'],
    ['GET', 'secret'],
    ['POST', 'secret/rotate'],
    ['GET', 'dead-letters'],
    ['GET', 'dead-letters/dl-1'],
    ['DELETE', 'dead-letters/dl-1'],
    ['POST', 'dead-letters/redrive'],
    ['POST', 'resend', { events: [{ partition: 0, offset: 0 }] }],
    ['POST', 'test'],
  ] as const;

  it('are for keys that may manage this subscription, of its tenant alone', async () => {
    const foreign = app.as({ tenant: 'red' });
    const limited = app.as({ subscriptions: ['another'] });
    const consumer = app.as({ scopes: ['consume', 'publish'] });
    const elsewhere = app.as({ topics: ['another'] });
    for (const [method, path, json] of routes) {
      const answers = await Promise.all(
        [foreign, elsewhere, limited, consumer].map((client) => call(method, path, json, client)),
      );
      expect(answers.map(({ body }) => body['code'])).toEqual([
        'SUBSCRIPTIONS.NOT_FOUND',
        'SUBSCRIPTIONS.NOT_FOUND',
        'AUTH.SUBSCRIPTION_FORBIDDEN',
        'AUTH.SCOPE_MISSING',
      ]);
    }
  });
});
