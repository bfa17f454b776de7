import {
  subscriptionDisabled,
  subscriptionResumed,
} from '../../../src/kafka/contracts/subscriptions.contracts.js';
import { newUid } from '../../../src/common/ids.js';
import { uniqueName } from '../../support/client.js';
import { eventually } from '../../support/eventually.js';
import { ForeignProgram } from '../../support/foreign-program.js';
import { SubscriptionsApp } from './subscriptions-app.js';

describe('a webhook whose endpoint says that it is gone', () => {
  let app: SubscriptionsApp;
  let topic: string;
  let listener: ForeignProgram;

  beforeAll(async () => {
    app = await SubscriptionsApp.start();
    topic = await app.createTopic();
    listener = await ForeignProgram.start(app.client.installation, [
      subscriptionDisabled,
      subscriptionResumed,
    ]);
  });
  afterAll(async () => {
    await listener.stop();
    await app.stop();
  });

  const create = () =>
    app.client.must<{ id: string; uid: string }>('POST', '/v1/subscriptions', {
      json: {
        id: uniqueName('gone'),
        topic,
        kind: 'webhook',
        webhook: { url: 'https://hooks.example.invalid/in' },
      },
    });
  const act = (id: string, verb: string) =>
    app.client.call<Record<string, unknown>>('POST', `/v1/subscriptions/${id}/${verb}`);
  const statusOf = async (id: string) =>
    (await app.client.must<{ status: string }>('GET', `/v1/subscriptions/${id}`)).status;
  const disabled = (id: string) =>
    eventually(
      () => statusOf(id),
      (status) => status === 'disabled',
    );

  it('is disabled, says why, and tells of it', async () => {
    const { id, uid } = await create();
    await app.webhooks.disable(uid);
    await disabled(id);
    const shown = await app.client.must('GET', `/v1/subscriptions/${id}`);
    expect(shown).toMatchObject({ status: 'disabled', reason: 'gone' });
    const told = await listener.event(subscriptionDisabled, (event) => event.uid === uid);
    expect(told).toMatchObject({ id, kind: 'webhook', status: 'disabled' });
  });

  it('is disabled when it is paused, too', async () => {
    const { id, uid } = await create();
    await act(id, 'pause');
    await app.webhooks.disable(uid);
    expect(await disabled(id)).toBe('disabled');
  });

  it('neither pauses nor resumes, but is enabled again, and may be disabled again', async () => {
    const { id, uid } = await create();
    await app.webhooks.disable(uid);
    await disabled(id);
    for (const verb of ['pause', 'resume']) {
      const { status, body } = await act(id, verb);
      expect([status, body['code']]).toEqual([409, 'SUBSCRIPTIONS.TRANSITION_REFUSED']);
    }
    const changed = await app.client.must('PATCH', `/v1/subscriptions/${id}`, {
      json: { webhook: { url: 'https://elsewhere.example.invalid/in' } },
    });
    expect(changed).toMatchObject({ status: 'disabled' });
    expect((await act(id, 'enable')).body).toMatchObject({ status: 'active', reason: null });
    await listener.event(subscriptionResumed, (event) => event.uid === uid);
    await app.webhooks.disable(uid);
    await disabled(id);
  });

  it('may have been deleted meanwhile', async () => {
    const { id, uid } = await create();
    await app.webhooks.disable(newUid());
    await app.webhooks.disable(uid);
    expect(await disabled(id)).toBe('disabled');
  });
});
