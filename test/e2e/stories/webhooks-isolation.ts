import type { MillraceClient } from '../../support/client.js';
import { inOrderByKey, keyOf, labels, latch } from '../../support/labelled-receiver.js';
import { misbehave } from '../../support/receiver.js';
import { publishLabels, webhooksOf } from '../support/webhooks.js';

/** Receivers that hang or fail take nothing from others. */
export function webhookIsolationStory(millrace: () => MillraceClient): void {
  describe('a webhook whose receiver hangs', () => {
    const subscribe = webhooksOf(millrace);

    it.each(['none', 'key'])(
      'holds up no other, and catches up once it answers (ordering %s)',
      async (ordering) => {
        const topic = await millrace().createTopic({ partitions: 2 });
        const slow = await subscribe(topic, { ordering, timeoutSeconds: 60, maxInFlight: 4 });
        const other = await subscribe(topic, { ordering });
        const gate = latch();
        slow.respond(async () => {
          await gate.opened;
          return { status: 200 };
        });
        const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
        const publish = (from: number) =>
          Promise.all(
            keys.map((key) => publishLabels(millrace(), topic, ...labels(key, 20, from))),
          );
        await publish(1);
        await other.takes(120);
        expect(slow.arrived).toHaveLength(4);
        await slow.shows(({ exceptions, partitions }) => {
          const behind = partitions.some((each) => each.behind?.reason === 'full');
          return exceptions.retrying === 4 && behind;
        });
        await publish(21);
        await other.takes(240);
        expect(slow.arrived).toHaveLength(4);
        gate.open();
        await slow.takes(240);
        await publishLabels(millrace(), topic, ...keys.map((key) => `${key}41`));
        await slow.takes(246);
        await slow.shows(({ exceptions: { retrying, parked } }) => retrying + parked === 0);
        expect(new Set(slow.arrived).size).toBe(246);
        expect(slow.arrived).toHaveLength(246);
        if (ordering === 'key') expect(inOrderByKey(slow.taken)).toBe(true);
      },
    );

    it('counts as failed after its time-out', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const retry = { scheduleSeconds: [], jitter: 0 };
      const subscription = await subscribe(topic, { timeoutSeconds: 1, retry });
      subscription.respond(() => misbehave.hang());
      await publishLabels(millrace(), topic, 'a1');
      expect(await subscription.buries(1)).toMatchObject([
        { eventId: 'a1', error: { code: 'WEBHOOKS.TIMEOUT_HEADERS' } },
      ]);
    });

    it('and fails holds up no key but its event’s', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const subscription = await subscribe(topic, { ordering: 'key', timeoutSeconds: 1 });
      let hangs = true;
      subscription.respond((label) =>
        hangs && keyOf(label) === 'a' ? misbehave.hang() : { status: 200 },
      );
      await publishLabels(millrace(), topic, 'a1', 'a2', ...labels('b', 5));
      await subscription.takes(5);
      await subscription.tried('a1', 2);
      expect(subscription.attemptsOf('a2')).toEqual([]);
      hangs = false;
      await subscription.takes(7);
      expect(subscription.taken.slice(5)).toEqual(['a1', 'a2']);
    });
  });
}
