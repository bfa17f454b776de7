import type { MillraceClient } from '../../support/client.js';
import { inOrderByKey, labels } from '../../support/labelled-receiver.js';
import { publishLabels, webhooksOf } from '../support/webhooks.js';

/** A receiver that refuses everything is asked now and then, and nothing is lost meanwhile. */
export function webhookBreakerStory(millrace: () => MillraceClient): void {
  describe('a webhook whose receiver refuses everything', () => {
    const subscribe = webhooksOf(millrace);

    it.each(['none', 'key'])(
      'is only probed, uses up no attempts, and gets all later (ordering %s)',
      async (ordering) => {
        const topic = await millrace().createTopic({ partitions: 2 });
        const retry = { scheduleSeconds: [1, 1], jitter: 0 };
        const broken = await subscribe(topic, { ordering, retry });
        const other = await subscribe(topic);
        broken.respond(() => ({ status: 503 }));
        const keys = Array.from('abcdefghijklmnopqrstuvwxyz');
        await publishLabels(millrace(), topic, ...keys.map((key) => `${key}1`));
        await broken.shows(({ partitions }) =>
          partitions.some(({ behind }) => behind?.reason === 'breaker'),
        );
        const { requests } = broken.receiver;
        const before = requests.length;
        await publishLabels(millrace(), topic, ...keys.map((key) => `${key}2`));
        await other.takes(52);
        await broken.receiver.received(before + 1);
        broken.respond(() => ({ status: 200 }));
        await publishLabels(millrace(), topic, ...labels('a', 2, 3));
        await broken.takes(54);
        // Twenty failures open it; the pause is a second at first, and doubles with each probe.
        const [first, second] = requests.slice(before);
        expect(first!.arrivedAt - requests[19]!.arrivedAt).toBeGreaterThanOrEqual(1_000);
        expect(second!.arrivedAt - first!.arrivedAt).toBeGreaterThanOrEqual(2_000);
        expect(new Set(broken.taken).size).toBe(54);
        expect(broken.taken).toHaveLength(54);
        if (ordering === 'key') expect(inOrderByKey(broken.taken)).toBe(true);
        await broken.shows(({ exceptions: { retrying, parked } }) => retrying + parked === 0);
        expect(await broken.deadLetters()).toEqual([]);
      },
    );
  });
}
