import { MillraceClient, uniqueName } from '../../support/client.js';
import { startInstallation, type Installation } from '../../support/installation.js';
import { publishLabels, webhooksOf } from '../support/webhooks.js';

const forbidden = [
  'http://127.0.0.1/',
  'http://localhost/',
  'http://2130706433/',
  'http://10.1.2.3/',
  'http://192.168.0.1/',
  'http://169.254.169.254/latest/meta-data',
  'http://[::1]/',
  'http://[::ffff:10.0.0.1]/',
];

/** Where webhooks do not go. */
export function webhookAddressesStory(millrace: () => MillraceClient): void {
  describe('a webhook', () => {
    const subscribe = webhooksOf(millrace);

    it('follows no redirect: that is a failed attempt', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const subscription = await subscribe(topic, { retry: { scheduleSeconds: [], jitter: 0 } });
      const { receiver } = subscription;
      const location = `${receiver.url}/elsewhere`;
      subscription.respond(() => ({ status: 307, headers: { location } }));
      await publishLabels(millrace(), topic, 'a1');
      expect(await subscription.buries(1)).toMatchObject([
        { error: { code: 'WEBHOOKS.STATUS', status: 307 } },
      ]);
      expect(receiver.requests.map(({ path }) => path)).toEqual(['/hook']);
    });

    it('to an address that nothing answers at is tried again', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const subscription = await subscribe(topic, { retry: { scheduleSeconds: [0], jitter: 0 } });
      await subscription.receiver.close();
      await publishLabels(millrace(), topic, 'a1');
      expect(await subscription.buries(1)).toMatchObject([
        { attempts: 2, error: { code: 'WEBHOOKS.CONNECTION_FAILED' } },
      ]);
    });

    describe('without an allow-list', () => {
      let closed: Installation;
      let client: MillraceClient;
      let topic: string;
      beforeAll(async () => {
        closed = await startInstallation('together', { webhookAllowCidrs: '' });
        client = new MillraceClient(closed);
        topic = await client.createTopic();
      });
      afterAll(() => closed.stop());

      const create = (url: string) =>
        client.call('POST', '/v1/subscriptions', {
          json: { id: uniqueName('closed'), topic, kind: 'webhook', webhook: { url } },
        });

      it.each(forbidden)('is not defined to reach %s', async (url) => {
        const { status, body } = await create(url);
        expect([status, body['code']]).toEqual([400, 'SUBSCRIPTIONS.WEBHOOK_ADDRESS_FORBIDDEN']);
      });

      it('is not changed to reach a private address, and stays what it was', async () => {
        const url = 'https://hooks.example.invalid/in';
        const { status, body } = await create(url);
        expect(status).toBe(201);
        const path = `/v1/subscriptions/${String(body['id'])}`;
        const webhook = { url: 'http://127.0.0.1/' };
        const refused = await client.call('PATCH', path, { json: { webhook } });
        expect(refused.body['code']).toBe('SUBSCRIPTIONS.WEBHOOK_ADDRESS_FORBIDDEN');
        expect(await client.must('GET', path)).toMatchObject({ webhook: { url } });
      });
    });
  });
}
