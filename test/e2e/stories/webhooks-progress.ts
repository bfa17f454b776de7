import type { MillraceClient } from '../../support/client.js';
import { failing, labels } from '../../support/labelled-receiver.js';
import { publishLabels, webhooksOf } from '../support/webhooks.js';

/** What a webhook shows of itself, and its end. */
export function webhookProgressStory(millrace: () => MillraceClient): void {
  describe('a webhook', () => {
    const subscribe = webhooksOf(millrace);

    it('tells how far it has come, and what it keeps', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const retry = { scheduleSeconds: [600], jitter: 0 };
      const subscription = await subscribe(topic, { ordering: 'key', retry });
      subscription.respond(failing('a1'));
      await publishLabels(millrace(), topic, ...labels('a', 3), ...labels('b', 2));
      await subscription.takes(2);
      const stats = await subscription.shows(({ partitions }) => partitions[0]?.lag === 0);
      expect(stats).toEqual({
        partitions: [{ partition: 0, floorOffset: 5, endOffset: 5, lag: 0, behind: null }],
        exceptions: { retrying: 1, parked: 2, deadLetters: 0 },
        maxExceptions: 10_000,
      });
      expect(await subscription.gaps()).toEqual([]);
    });

    it('starts clean when it is deleted and made again under the same id', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const retry = { scheduleSeconds: [], jitter: 0 };
      const subscription = await subscribe(topic, { retry });
      subscription.respond(failing('a1', 'a2'));
      await publishLabels(millrace(), topic, 'a1', 'a2');
      await subscription.buries(2);
      const { uid } = await subscription.show();
      await subscription.delete();
      subscription.respond(failing('a1'));
      const webhook = { url: subscription.receiver.url, retry };
      await millrace().must('POST', '/v1/subscriptions', {
        json: { id: subscription.id, topic, kind: 'webhook', webhook, start: 'earliest' },
      });
      expect(await subscription.deadLetters()).toEqual([]);
      expect((await subscription.show()).uid).not.toBe(uid);
      expect(await subscription.takes(1)).toEqual(['a2']);
      expect(await subscription.buries(1)).toMatchObject([{ eventId: 'a1', attempts: 1 }]);
    });

    it('gets nothing more once it is deleted, retries included', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const deleted = await subscribe(topic);
      const witness = await subscribe(topic);
      deleted.respond(failing('a1'));
      witness.respond(failing('a1'));
      await publishLabels(millrace(), topic, 'a1');
      await Promise.all([deleted.tried('a1', 1), witness.tried('a1', 1)]);
      await deleted.delete();
      await witness.tried('a1', 2);
      const { length } = deleted.arrived;
      await witness.tried('a1', 4);
      await publishLabels(millrace(), topic, 'b1');
      await witness.takes(1);
      expect(deleted.arrived).toHaveLength(length);
    });
  });
}
