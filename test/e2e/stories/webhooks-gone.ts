import type { MillraceClient } from '../../support/client.js';
import { eventually } from '../../support/eventually.js';
import { inOrderByKey, labels } from '../../support/labelled-receiver.js';
import { publishLabels, webhooksOf } from '../support/webhooks.js';

/** A receiver that answers 410 wants nothing more. */
export function webhookGoneStory(millrace: () => MillraceClient): void {
  describe('a webhook whose receiver is gone', () => {
    const subscribe = webhooksOf(millrace);

    it('is disabled, gets nothing more, and goes on with what waited once enabled', async () => {
      const topic = await millrace().createTopic({ partitions: 2 });
      const subscription = await subscribe(topic, { ordering: 'key' });
      const witness = await subscribe(topic);
      subscription.respond((label) => ({ status: label === 'a2' ? 410 : 200 }));
      await publishLabels(millrace(), topic, 'a1', 'a2');
      const { reason } = await eventually(
        () => subscription.show(),
        ({ status }) => status === 'disabled',
      );
      expect(reason).toBe('gone');
      await publishLabels(millrace(), topic, ...labels('a', 3, 3), ...labels('b', 3));
      await witness.takes(8);
      expect(subscription.arrived).toEqual(['a1', 'a2']);
      const { partitions, exceptions } = await subscription.shows(({ partitions: each }) =>
        each.some(({ behind }) => behind !== null),
      );
      expect(partitions.find(({ behind }) => behind !== null)?.behind?.reason).toBe('halted');
      expect(exceptions.deadLetters).toBe(0);
      subscription.respond(() => ({ status: 200 }));
      expect(await subscription.turn('enable')).toMatchObject({ status: 'active', reason: null });
      await subscription.takes(8);
      expect(inOrderByKey(subscription.taken)).toBe(true);
      await publishLabels(millrace(), topic, 'a6');
      expect((await subscription.takes(9)).toSorted()).toEqual(
        [...labels('a', 6), ...labels('b', 3)].toSorted(),
      );
    });
  });
}
