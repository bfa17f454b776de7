import type { MillraceClient } from '../../support/client.js';
import { failing } from '../../support/labelled-receiver.js';
import type { ReceivedRequest } from '../../support/receiver.js';
import { publishLabels, webhooksOf } from '../support/webhooks.js';

const pausesMs = (requests: readonly ReceivedRequest[]): readonly number[] =>
  requests.slice(1).map(({ arrivedAt }, index) => arrivedAt - requests[index]!.arrivedAt);

const header = (name: string) => (request: ReceivedRequest) => String(request.headers[name]);

/** What follows when a receiver fails: the schedule, and what the receiver asks for. */
export function webhookRetriesStory(millrace: () => MillraceClient): void {
  describe('a webhook that fails', () => {
    const subscribe = webhooksOf(millrace);
    const topicOfOne = () => millrace().createTopic({ partitions: 1 });

    it('is tried again by its schedule, under the same id and with a fresh timestamp', async () => {
      const topic = await topicOfOne();
      const retry = { scheduleSeconds: [0, 0, 1, 600], jitter: 0 };
      const subscription = await subscribe(topic, { retry });
      const { receiver } = subscription;
      subscription.respond(() => ({ status: receiver.requests.length < 4 ? 500 : 200 }));
      const [published] = await publishLabels(millrace(), topic, 'a1');
      expect(await subscription.takes(1)).toEqual(['a1']);
      const { requests } = receiver;
      expect(new Set(requests.map(header('webhook-id')))).toEqual(new Set([published!.messageId]));
      expect(new Set(requests.map(({ body }) => body.toString())).size).toBe(1);
      expect(pausesMs(requests)[2]).toBeGreaterThanOrEqual(1_000);
      const [first, , , last] = requests.map((each) => Number(header('webhook-timestamp')(each)));
      expect(last).toBeGreaterThan(first!);
      expect(new Set(requests.map(header('webhook-signature'))).size).toBeGreaterThan(1);
      await subscription.shows(({ exceptions }) => exceptions.retrying === 0);
      expect(await subscription.deadLetters()).toEqual([]);
    });

    it('waits as many seconds as Retry-After says', async () => {
      const topic = await topicOfOne();
      const subscription = await subscribe(topic, { retry: { scheduleSeconds: [0], jitter: 0 } });
      const { requests } = subscription.receiver;
      const later = { status: 503, headers: { 'retry-after': '2' } };
      subscription.respond(() => (requests.length === 1 ? later : { status: 200 }));
      await publishLabels(millrace(), topic, 'a1');
      await subscription.takes(1);
      expect(pausesMs(requests)[0]).toBeGreaterThanOrEqual(2_000);
    });

    it('waits until the date that Retry-After says', async () => {
      const topic = await topicOfOne();
      const subscription = await subscribe(topic, { retry: { scheduleSeconds: [0], jitter: 0 } });
      const { requests } = subscription.receiver;
      let date = '';
      subscription.respond(() => {
        if (requests.length > 1) return { status: 200 };
        date = new Date(Date.now() + 2_000).toUTCString();
        return { status: 503, headers: { 'retry-after': date } };
      });
      await publishLabels(millrace(), topic, 'a1');
      await subscription.takes(1);
      expect(requests[1]!.arrivedAt).toBeGreaterThanOrEqual(Date.parse(date));
    });

    it('holds its other events back too when the receiver has too many', async () => {
      const topic = await topicOfOne();
      const subscription = await subscribe(topic, { retry: { scheduleSeconds: [0], jitter: 0 } });
      const witness = await subscribe(topic);
      const { requests } = subscription.receiver;
      const later = { status: 429, headers: { 'retry-after': '2' } };
      subscription.respond(() => (requests.length === 1 ? later : { status: 200 }));
      await publishLabels(millrace(), topic, 'a1');
      await subscription.tried('a1', 1);
      await subscription.shows(({ exceptions }) => exceptions.retrying === 1);
      await publishLabels(millrace(), topic, 'b1', 'c1');
      await witness.takes(3);
      expect(subscription.arrived).toEqual(['a1']);
      await subscription.takes(3);
      for (const { arrivedAt } of requests.slice(1))
        expect(arrivedAt - requests[0]!.arrivedAt).toBeGreaterThanOrEqual(2_000);
    });

    it('has one attempt and no more without a schedule', async () => {
      const topic = await topicOfOne();
      const subscription = await subscribe(topic, { retry: { scheduleSeconds: [] } });
      const witness = await subscribe(topic);
      subscription.respond(failing('a1'));
      await publishLabels(millrace(), topic, 'a1', 'b1');
      await subscription.takes(1);
      await witness.takes(2);
      expect(await subscription.buries(1)).toMatchObject([{ eventId: 'a1', attempts: 1 }]);
      expect(subscription.attemptsOf('a1')).toHaveLength(1);
    });

    it('takes in a change of address for events that wait', async () => {
      const topic = await topicOfOne();
      const subscription = await subscribe(topic);
      const other = await subscribe(topic);
      subscription.respond(failing('a1'));
      await publishLabels(millrace(), topic, 'a1');
      await subscription.tried('a1', 2);
      await other.takes(1);
      const url = `${other.receiver.url}/moved`;
      await millrace().must('PATCH', subscription.path, { json: { webhook: { url } } });
      await other.tried('a1', 2);
      expect(other.receiver.requests.map(({ path }) => path)).toEqual(['/hook', '/moved']);
    });
  });
}
