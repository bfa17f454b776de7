import type { MillraceClient } from '../../support/client.js';
import { eventually } from '../../support/eventually.js';
import { verifySignature, type ReceivedRequest } from '../../support/receiver.js';
import { publishLabels, webhooksOf } from '../support/webhooks.js';

const secretOf = (byte: number): string => `whsec_${Buffer.alloc(32, byte).toString('base64')}`;

interface Secrets {
  readonly secrets: readonly { readonly secret: string; readonly expiresAt: string | null }[];
}

/** Which of the secrets have signed a request. */
const signedBy = (request: ReceivedRequest, secrets: readonly string[]): readonly string[] =>
  secrets.filter((secret) => {
    try {
      verifySignature(request, secret);
      return true;
    } catch {
      return false;
    }
  });

/** Changing a secret without a moment in which a receiver cannot verify. */
export function webhookSecretsStory(millrace: () => MillraceClient): void {
  describe('the secret of a webhook', () => {
    const subscribe = webhooksOf(millrace);

    it('is made, shown on request, and signs', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const subscription = await subscribe(topic);
      const path = `${subscription.path}/secret`;
      const { secrets } = await millrace().must<Secrets>('GET', path);
      expect(secrets).toEqual([
        { secret: expect.stringMatching(/^whsec_.{44}$/), expiresAt: null },
      ]);
      await publishLabels(millrace(), topic, 'a1');
      await subscription.takes(1);
      verifySignature(subscription.receiver.requests[0]!, secrets[0]!.secret);
    });

    it('is rotated: both sign until the former one ends, then only the new one', async () => {
      const [former, next, last] = [secretOf(1), secretOf(2), secretOf(3)];
      const all = [former, next, last];
      const topic = await millrace().createTopic({ partitions: 1 });
      const subscription = await subscribe(topic, { secret: former });
      let events = 0;
      const signers = async (): Promise<readonly string[]> => {
        events += 1;
        await publishLabels(millrace(), topic, `a${events}`);
        await subscription.takes(events);
        return signedBy(subscription.receiver.requests.at(-1)!, all);
      };
      const rotate = (secret: string, previousExpiresInSeconds: number) =>
        millrace().must<Secrets>('POST', `${subscription.path}/secret/rotate`, {
          json: { secret, previousExpiresInSeconds },
        });
      expect(await signers()).toEqual([former]);
      const { secrets } = await rotate(next, 600);
      expect(secrets.map(({ secret }) => secret)).toEqual([next, former]);
      // Known everywhere within a second.
      await eventually(signers, (by) => by.length === 2, 2);
      expect(await signers()).toEqual([former, next]);
      await rotate(last, 1);
      await eventually(signers, (by) => by.length === 1);
      expect(await signers()).toEqual([last]);
      const left = await millrace().must<Secrets>('GET', `${subscription.path}/secret`);
      expect(left.secrets).toEqual([{ secret: last, expiresAt: null }]);
    });
  });
}
