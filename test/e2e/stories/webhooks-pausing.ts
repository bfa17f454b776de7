import type { MillraceClient } from '../../support/client.js';
import { failing, inOrderByKey, labels, latch } from '../../support/labelled-receiver.js';
import { publishLabels, webhooksOf } from '../support/webhooks.js';

/** A paused webhook sends nothing and forgets nothing. */
export function webhookPausingStory(millrace: () => MillraceClient): void {
  describe('a paused webhook', () => {
    const subscribe = webhooksOf(millrace);

    it('gets nothing until it is resumed, and then everything in order', async () => {
      const topic = await millrace().createTopic({ partitions: 2 });
      const subscription = await subscribe(topic, { ordering: 'key' });
      const witness = await subscribe(topic);
      await publishLabels(millrace(), topic, 'a1');
      await subscription.takes(1);
      expect(await subscription.turn('pause')).toMatchObject({ status: 'paused' });
      const keys = ['a', 'b', 'c'];
      for (const key of keys) await publishLabels(millrace(), topic, ...labels(key, 5, 2));
      await witness.takes(16);
      await subscription.shows(({ partitions }) =>
        partitions.some(({ behind }) => behind?.reason === 'halted'),
      );
      expect(subscription.arrived).toEqual(['a1']);
      await subscription.turn('resume');
      await publishLabels(millrace(), topic, 'a7');
      await subscription.takes(17);
      await subscription.shows(({ partitions }) => partitions.every(({ lag }) => lag === 0));
      expect(inOrderByKey(subscription.taken)).toBe(true);
      expect(subscription.taken).toHaveLength(17);
      expect(witness.taken).toHaveLength(17);
    });

    it('may finish what is on its way', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const subscription = await subscribe(topic);
      const gate = latch();
      subscription.respond(async () => {
        await gate.opened;
        return { status: 200 };
      });
      await publishLabels(millrace(), topic, 'a1');
      await subscription.tried('a1', 1);
      await subscription.turn('pause');
      gate.open();
      await subscription.takes(1);
      await subscription.shows(
        ({ partitions, exceptions }) => partitions[0]?.lag === 0 && exceptions.retrying === 0,
      );
      await subscription.turn('resume');
      await publishLabels(millrace(), topic, 'a2');
      expect(await subscription.takes(2)).toEqual(['a1', 'a2']);
    });

    it('lets its retry clocks stand still', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const retry = { scheduleSeconds: [1], jitter: 0 };
      const subscription = await subscribe(topic, { retry });
      const clock = await subscribe(topic);
      subscription.respond(failing('a1'));
      clock.respond(failing('a1'));
      await publishLabels(millrace(), topic, 'a1');
      await subscription.shows(({ exceptions }) => exceptions.retrying === 1);
      const paused = await subscription.turn('pause');
      // Each further attempt there is a second later.
      await clock.tried('a1', 3);
      expect(subscription.arrived).toEqual(['a1']);
      subscription.respond(failing());
      const resumed = await subscription.turn('resume');
      await subscription.takes(1);
      const [first, second] = subscription.attemptsOf('a1');
      const stood = Date.parse(resumed.since) - Date.parse(paused.since);
      expect(second!.arrivedAt - first!.arrivedAt).toBeGreaterThanOrEqual(1_000 + stood);
    });
  });
}
