import { subscriptionsState } from '../../../src/kafka/contracts/subscriptions.contracts.js';
import { uniqueName } from '../../support/client.js';
import { PlainKafka } from '../transport/support/plain-kafka.js';
import { SubscriptionsApp } from './subscriptions-app.js';

interface Secrets {
  readonly secrets: { readonly secret: string; readonly expiresAt: string | null }[];
}

const secretOf = (byte: number): string => `whsec_${Buffer.alloc(32, byte).toString('base64')}`;

describe('the secret of a webhook', () => {
  let app: SubscriptionsApp;
  let topic: string;

  beforeAll(async () => {
    app = await SubscriptionsApp.start();
    topic = await app.createTopic();
  });
  afterAll(() => app.stop());

  const created = async (webhook: Record<string, unknown> = {}): Promise<string> => {
    const id = uniqueName('secret');
    const whole = { url: 'https://hooks.example.invalid/in', ...webhook };
    const { status, body } = await app.client.call('POST', '/v1/subscriptions', {
      json: { id, topic, kind: 'webhook', webhook: whole },
    });
    expect(status).toBe(201);
    expect(JSON.stringify(body)).not.toContain('whsec_');
    return id;
  };
  const secretsOf = async (id: string) =>
    (await app.client.must<Secrets>('GET', `/v1/subscriptions/${id}/secret`)).secrets;
  const rotate = (id: string, json?: unknown) =>
    app.client.call<Secrets & { code?: string; limit?: number }>(
      'POST',
      `/v1/subscriptions/${id}/secret/rotate`,
      { json },
    );

  it('is made at creation, or is the one that was given then', async () => {
    const [made] = await secretsOf(await created());
    expect(made).toEqual({ secret: expect.stringMatching(/^whsec_.{44}$/), expiresAt: null });
    expect(await secretsOf(await created({ secret: secretOf(1) }))).toEqual([
      { secret: secretOf(1), expiresAt: null },
    ]);
  });

  it('is rotated to one that is made, and signs too for another day', async () => {
    const id = await created({ secret: secretOf(1) });
    const before = Date.now();
    const { status, body } = await rotate(id);
    expect(status).toBe(200);
    expect(await secretsOf(id)).toEqual(body.secrets);
    const [fresh, former] = body.secrets;
    expect(fresh).toEqual({ secret: expect.stringMatching(/^whsec_.{44}$/), expiresAt: null });
    expect(former?.secret).toBe(secretOf(1));
    const secondsLeft = (Date.parse(former!.expiresAt!) - before) / 1_000;
    expect(secondsLeft).toBeGreaterThanOrEqual(86_400);
    expect(secondsLeft).toBeLessThan(86_400 + 60);
  });

  it('is rotated to a chosen one once, however often that is asked', async () => {
    const id = await created({ secret: secretOf(1) });
    const first = await rotate(id, { secret: secretOf(2), previousExpiresInSeconds: 60 });
    const again = await rotate(id, { secret: secretOf(2), previousExpiresInSeconds: 0 });
    expect(again.body).toEqual(first.body);
    expect(again.body.secrets.map(({ secret }) => secret)).toEqual([secretOf(2), secretOf(1)]);
  });

  it('that is former can be ended at once', async () => {
    const id = await created({ secret: secretOf(1) });
    await rotate(id, { secret: secretOf(2) });
    const { body } = await rotate(id, { secret: secretOf(3), previousExpiresInSeconds: 0 });
    expect(body.secrets).toEqual([{ secret: secretOf(3), expiresAt: null }]);
  });

  it('has at most two former ones beside it', async () => {
    const id = await created({ secret: secretOf(1) });
    await rotate(id, { secret: secretOf(2) });
    await rotate(id, { secret: secretOf(3) });
    const refused = await rotate(id, { secret: secretOf(4) });
    expect([refused.status, refused.body.code]).toEqual([409, 'SUBSCRIPTIONS.TOO_MANY_SECRETS']);
    expect(await secretsOf(id)).toHaveLength(3);
  });

  it('that ended is not shown, and is dropped with the next write', async () => {
    const id = await created({ secret: secretOf(1) });
    await rotate(id, { secret: secretOf(2) });
    const past = JSON.stringify(new Date(Date.now() - 1_000).toISOString());
    await app.dataSource.query(
      `UPDATE subscriptions SET webhook = jsonb_set(webhook, '{secrets,1,expiresAt}', $2) WHERE id = $1`,
      [id, past],
    );
    expect(await secretsOf(id)).toEqual([{ secret: secretOf(2), expiresAt: null }]);
    await app.client.must('POST', `/v1/subscriptions/${id}/pause`);
    const [row] = await app.dataSource.query<{ count: number }[]>(
      `SELECT jsonb_array_length(webhook->'secrets') AS count FROM subscriptions WHERE id = $1`,
      [id],
    );
    expect(row?.count).toBe(1);
  });

  it.each([
    [{ secret: 'whsec_short' }, 'SUBSCRIPTIONS.WEBHOOK_SECRET_INVALID'],
    [{ secret: null }, 'REQUEST.INVALID'],
    [{ previousExpiresInSeconds: -1 }, 'REQUEST.INVALID'],
    [{ previousExpiresInSeconds: 604_801 }, 'REQUEST.INVALID'],
    [{ previousExpiresInSeconds: 0.5 }, 'REQUEST.INVALID'],
    [{ previousExpiresInSeconds: null }, 'REQUEST.INVALID'],
    [{ keep: true }, 'REQUEST.UNKNOWN_FIELD'],
  ])('stays when a rotation is %j', async (rotation, code) => {
    const id = await created({ secret: secretOf(1) });
    const { status, body } = await rotate(id, rotation);
    expect([status, body.code]).toEqual([400, code]);
    expect(await secretsOf(id)).toHaveLength(1);
  });

  it('and headers are sealed wherever they are kept: in Postgres and in Kafka', async () => {
    const password = 'hunter2-in-a-header';
    const secret = secretOf(9);
    const id = await created({ secret, headers: { authorization: password } });
    await rotate(id, { secret: secretOf(8) });
    const rows = await app.dataSource.query<{ row: string }[]>(
      `SELECT s::text AS row FROM subscriptions s WHERE id = $1`,
      [id],
    );
    const kafka = await new PlainKafka().connect();
    const stateTopic = `${app.settings.kafka.prefix}state.${subscriptionsState.name}`;
    const records = await kafka.read(stateTopic, await kafka.count(stateTopic));
    await kafka.close();
    const kept = [...rows.map(({ row }) => row), ...records.map((each) => JSON.stringify(each))];
    expect(kept.filter((text) => text.includes(id))).toHaveLength(3);
    for (const plain of [secret, secretOf(8), password]) {
      const bytes = Buffer.from(
        plain.replace('whsec_', ''),
        plain === password ? 'utf8' : 'base64',
      );
      const forms = [plain.replace('whsec_', ''), bytes.toString('hex'), bytes.toString('base64')];
      for (const form of [...forms, Buffer.from(plain).toString('base64url')])
        expect(kept.filter((text) => text.includes(form))).toEqual([]);
    }
  });

  it('is nothing that a stream has', async () => {
    const id = uniqueName('stream');
    await app.client.must('POST', '/v1/subscriptions', { json: { id, topic, kind: 'stream' } });
    const get = await app.client.call('GET', `/v1/subscriptions/${id}/secret`);
    for (const { status, body } of [get, await rotate(id)])
      expect([status, (body as { code?: string }).code]).toEqual([409, 'SUBSCRIPTIONS.KIND_LACKS']);
  });
});
