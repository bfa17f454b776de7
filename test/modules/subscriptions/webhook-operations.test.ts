import { MillraceError, type ErrorKind } from '../../../src/common/errors/millrace-error.js';
import type { OperationState } from '../../../src/kafka/contracts/delivery-shapes.js';
import {
  getWebhookOperation,
  redriveWebhookDeadLetters,
  resendWebhookEvents,
} from '../../../src/kafka/contracts/webhooks.contracts.js';
import { uniqueName } from '../../support/client.js';
import { SubscriptionsApp } from './subscriptions-app.js';

class NothingThere extends MillraceError {
  readonly code = 'WEBHOOKS.OPERATION_NOT_FOUND';
  readonly kind: ErrorKind = 'not-found';
}

describe('the operations of a webhook subscription', () => {
  let app: SubscriptionsApp;
  let topic: string;
  let webhook: { readonly id: string; readonly uid: string };

  const create = (json: Record<string, unknown>) =>
    app.client.must<{ id: string; uid: string }>('POST', '/v1/subscriptions', {
      json: { id: uniqueName('r'), topic, ...json },
    });
  const definition = { kind: 'webhook', webhook: { url: 'https://hooks.example.invalid/in' } };

  beforeAll(async () => {
    app = await SubscriptionsApp.start();
    topic = await app.createTopic();
    webhook = await create(definition);
  });
  afterAll(() => app.stop());

  const call = (method: string, path: string, json?: unknown) =>
    app.client.call<Record<string, unknown>>(method, `/v1/subscriptions/${webhook.id}/${path}`, {
      json,
    });
  const started = (type: OperationState['type'], id: string, subscriptionUid = webhook.uid) => ({
    id,
    subscriptionUid,
    type,
    status: 'running' as const,
    total: 2,
    delivered: 1,
    failed: 0,
    createdAt: '2026-01-01T00:00:00Z',
    finishedAt: null,
  });

  it.each([
    [undefined, null, null],
    [{}, null, null],
    [{ ids: ['a', 'b'] }, ['a', 'b'], null],
    [{ filter: { exact: { type: 't' } } }, null, { exact: { type: 't' } }],
  ])('redrive what a body of %j chooses, as an operation', async (body, ids, filter) => {
    app.webhooks.answers(redriveWebhookDeadLetters, ({ operationId }) =>
      started('redrive', operationId),
    );
    const answer = await call('POST', 'dead-letters/redrive', body);
    const question = app.webhooks.asked(redriveWebhookDeadLetters).at(-1)!;
    const { operationId } = question;
    expect(question).toEqual({ subscriptionUid: webhook.uid, operationId, ids, filter });
    expect([answer.status, answer.body]).toEqual([202, started('redrive', operationId)]);
    expect(operationId).toMatch(/^op-webhook-/);
    expect(answer.headers.get('location')).toBe(`/v1/operations/${operationId}`);
  });

  it.each([
    [{ ids: ['a'], filter: { exact: { type: 't' } } }, 'SUBSCRIPTIONS.REDRIVE_CHOICE_INVALID'],
    [{ filter: { sql: 'a = 1' } }, 'FILTER.UNKNOWN_DIALECT'],
    [{ ids: [] }, 'REQUEST.INVALID'],
    [{ ids: Array.from({ length: 1_001 }, String) }, 'REQUEST.INVALID'],
    [{ ids: [1] }, 'REQUEST.INVALID'],
    [{ all: true }, 'REQUEST.UNKNOWN_FIELD'],
  ])('refuse a redrive of %#', async (body, code) => {
    const answer = await call('POST', 'dead-letters/redrive', body);
    expect([answer.status, answer.body['code']]).toEqual([400, code]);
  });

  it('send chosen events again, as an operation', async () => {
    app.webhooks.answers(resendWebhookEvents, ({ operationId }) => started('resend', operationId));
    const events = [
      { partition: 0, offset: 3 },
      { partition: 0, offset: 4 },
    ];
    const { status, headers, body } = await call('POST', 'resend', { events });
    expect([status, headers.get('location')]).toEqual([
      202,
      `/v1/operations/${String(body['id'])}`,
    ]);
    expect(app.webhooks.asked(resendWebhookEvents)).toEqual([
      { subscriptionUid: webhook.uid, operationId: body['id'], events },
    ]);
  });

  it.each([
    [undefined],
    [{}],
    [{ events: [] }],
    [{ events: [{ partition: 0 }] }],
    [{ events: [{ partition: -1, offset: 0 }] }],
    [{ events: [{ partition: 0, offset: 1.5 }] }],
    [{ events: ['0/1'] }],
    [{ events: Array.from({ length: 1_001 }, (_, offset) => ({ partition: 0, offset })) }],
  ])('refuse to send again what is no place of an event (%#)', async (body) => {
    const answer = await call('POST', 'resend', body);
    expect([answer.status, answer.body['code']]).toEqual([400, 'REQUEST.INVALID']);
  });

  describe('an operation', () => {
    const id = 'op-webhook-0197a000-0000-7000-8000-000000000001';
    const get = (operation: string, client = app.client) =>
      client.call<Record<string, unknown>>('GET', `/v1/operations/${operation}`);

    it('is told by the module that its id names', async () => {
      app.webhooks.answers(getWebhookOperation, () => started('redrive', id));
      expect((await get(id)).body).toEqual(started('redrive', id));
      expect(app.webhooks.asked(getWebhookOperation).at(-1)).toEqual({ operationId: id });
    });

    it('is unknown in the same words, whether it is not there or not for the caller', async () => {
      const own = await create({ ...definition, tenant: 'blue' });
      app.webhooks.answers(getWebhookOperation, () => started('redrive', id, own.uid));
      expect((await get(id, app.as({ tenant: 'blue' }))).status).toBe(200);
      const clients = [{ tenant: 'red' }, { subscriptions: ['x'] }, { topics: ['x'] }];
      const hidden = await Promise.all(clients.map((rights) => get(id, app.as(rights))));
      app.webhooks.answers(getWebhookOperation, () => {
        throw new NothingThere('');
      });
      const answers = [...hidden, await get(id), await get('op-1'), await get('op-stream-1')];
      for (const { status, body } of answers)
        expect([status, body['code']]).toEqual([404, 'SUBSCRIPTIONS.OPERATION_NOT_FOUND']);
    });

    it('of a kind without operations, or of a subscription that is deleted, is unknown', async () => {
      expect((await get(id.replace('webhook', 'stream'))).status).toBe(404);
      const gone = await create(definition);
      app.webhooks.answers(getWebhookOperation, () => started('redrive', id, gone.uid));
      expect((await get(id)).status).toBe(200);
      await app.client.must('DELETE', `/v1/subscriptions/${gone.id}`);
      expect((await get(id)).status).toBe(404);
    });
  });
});
