import type { MillraceClient } from '../../support/client.js';
import { failing, inOrderByKey, labels } from '../../support/labelled-receiver.js';
import { publishLabels, webhooksOf } from '../support/webhooks.js';

/** Order by key, where a subscription asks for it. */
export function webhookOrderingStory(millrace: () => MillraceClient): void {
  describe('a webhook', () => {
    const subscribe = webhooksOf(millrace);

    it('with order by key parks the key of an event that fails, and other keys go on', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const subscription = await subscribe(topic, { ordering: 'key' });
      subscription.respond(failing('a1'));
      await publishLabels(millrace(), topic, 'a1', 'b1', 'a2', 'b2', 'a3');
      await subscription.takes(2);
      await subscription.shows(({ exceptions: { retrying, parked } }) =>
        [retrying, parked].every((count, index) => count === index + 1),
      );
      await subscription.tried('a1', 2);
      await publishLabels(millrace(), topic, 'b3', 'a4');
      expect(await subscription.takes(3)).toEqual(['b1', 'b2', 'b3']);
      subscription.respond(failing());
      await subscription.takes(7);
      expect(subscription.taken.slice(3)).toEqual(labels('a', 4));
      expect(subscription.mostAtOnceOfAKey).toBe(1);
      await subscription.shows(({ exceptions: { retrying, parked } }) => retrying + parked === 0);
    });

    it('with order by key goes on with a key whose event became a dead letter', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const retry = { scheduleSeconds: [0, 1], jitter: 0 };
      const subscription = await subscribe(topic, { ordering: 'key', retry });
      subscription.respond(failing('a1'));
      await publishLabels(millrace(), topic, ...labels('a', 3));
      expect(await subscription.takes(2)).toEqual(['a2', 'a3']);
      expect(subscription.arrived).toEqual(['a1', 'a1', 'a1', 'a2', 'a3']);
      expect(await subscription.buries(1)).toMatchObject([{ eventId: 'a1' }]);
    });

    it('with order by key sends many events of many keys in order, though some fail', async () => {
      const topic = await millrace().createTopic({ partitions: 3 });
      const retry = { scheduleSeconds: [0, 0, 0, 0], jitter: 0 };
      const subscription = await subscribe(topic, { ordering: 'key', retry, maxInFlight: 8 });
      const failed = new Set<string>();
      subscription.respond((label) => {
        const fails = Number(/\d+$/.exec(label)?.[0]) % 3 === 0 && !failed.has(label);
        failed.add(label);
        return { status: fails ? 500 : 200 };
      });
      const keys = ['a', 'b', 'c', 'd', 'e'];
      await Promise.all(keys.map((key) => publishLabels(millrace(), topic, ...labels(key, 12))));
      await subscription.takes(60);
      expect(inOrderByKey(subscription.taken)).toBe(true);
      expect(new Set(subscription.taken).size).toBe(60);
      expect(subscription.mostAtOnceOfAKey).toBe(1);
    });

    it('without order lets no event wait for one that fails', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const subscription = await subscribe(topic, { ordering: 'none' });
      subscription.respond(failing('a1'));
      await publishLabels(millrace(), topic, ...labels('a', 4));
      expect((await subscription.takes(3)).toSorted()).toEqual(labels('a', 3, 2));
      await subscription.tried('a1', 2);
      subscription.respond(failing());
      await subscription.takes(4);
    });
  });
}
