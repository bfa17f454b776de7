import type { MillraceClient } from '../../support/client.js';
import { verifySignature } from '../../support/receiver.js';
import type { TestDelivery } from '../../../src/kafka/contracts/webhooks.contracts.js';
import { publishLabels, webhooksOf } from '../support/webhooks.js';

const SECRET = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;

/** Deliveries that somebody asks for: chosen events again, and a test of the endpoint. */
export function webhookAskedForStory(millrace: () => MillraceClient): void {
  describe('a webhook', () => {
    const subscribe = webhooksOf(millrace);

    it('gets chosen events again, and they count as one operation', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const subscription = await subscribe(topic, { ordering: 'key' });
      const published = await publishLabels(millrace(), topic, 'k1', 'k2', 'k3', 'k4');
      await subscription.takes(4);
      const events = [3, 1].map((offset) => ({ partition: 0, offset }));
      const done = await subscription.operate('resend', { events });
      expect(done).toMatchObject({ type: 'resend', total: 2, delivered: 2, failed: 0 });
      expect(subscription.taken).toEqual(['k1', 'k2', 'k3', 'k4', 'k2', 'k4']);
      const ids = subscription.attemptsOf('k2').map(({ headers }) => headers['webhook-id']);
      expect(ids).toEqual([published[1]!.messageId, published[1]!.messageId]);
      const { exceptions } = await subscription.shows(
        ({ exceptions: { retrying } }) => retrying === 0,
      );
      expect(exceptions).toEqual({ retrying: 0, parked: 0, deadLetters: 0 });
    });

    it('may get chosen events from before its start, and those that its filter left out', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      await publishLabels(millrace(), topic, 'old1');
      const subscription = await subscribe(topic, {}, { filter: { exact: { id: 'new1' } } });
      const events = [{ partition: 0, offset: 0 }];
      expect(await subscription.operate('resend', { events })).toMatchObject({ delivered: 1 });
      await publishLabels(millrace(), topic, 'new1');
      expect(await subscription.takes(2)).toEqual(['old1', 'new1']);
    });

    it('gets none of a choice in which an event is missing', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const subscription = await subscribe(topic);
      await publishLabels(millrace(), topic, 'a1');
      await subscription.takes(1);
      const events = [0, 1].map((offset) => ({ partition: 0, offset }));
      const refused = await millrace().call('POST', `${subscription.path}/resend`, {
        json: { events },
      });
      expect([refused.status, refused.body['code']]).toEqual([404, 'WEBHOOKS.EVENT_NOT_FOUND']);
      await publishLabels(millrace(), topic, 'a2');
      expect(await subscription.takes(2)).toEqual(['a1', 'a2']);
    });

    it('can be tested: one signed event at once, and what came of it', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const { receiver, path } = await subscribe(topic, { secret: SECRET });
      receiver.respond(() => ({ status: 202 }));
      await millrace().must('POST', `${path}/pause`);
      const tested = await millrace().must<TestDelivery>('POST', `${path}/test`);
      expect(tested).toMatchObject({ delivered: true, status: 202, error: null });
      const [request] = receiver.requests;
      verifySignature(request!, SECRET);
      expect(request!.headers['webhook-id']).toBe(tested.messageId);
      expect(JSON.parse(request!.body.toString())).toMatchObject({ type: 'millrace.test' });
      const event = { type: 'order.paid', data: { total: 1 } };
      await millrace().must('POST', `${path}/test`, { json: { event } });
      expect(JSON.parse(receiver.requests[1]!.body.toString())).toMatchObject(event);
    });

    it('can be tested with a receiver that fails, without a retry or a dead letter', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const subscription = await subscribe(topic, { retry: { scheduleSeconds: [0], jitter: 0 } });
      const { receiver, path } = subscription;
      receiver.respond(() => ({ status: 418, body: 'short and stout' }));
      const tested = await millrace().must<TestDelivery>('POST', `${path}/test`);
      expect(tested).toMatchObject({
        delivered: false,
        status: 418,
        error: { code: 'WEBHOOKS.STATUS', status: 418, answer: 'short and stout' },
      });
      subscription.respond(() => ({ status: 200 }));
      await publishLabels(millrace(), topic, 'a1');
      await subscription.takes(1);
      expect(receiver.requests).toHaveLength(2);
      expect(await subscription.deadLetters()).toEqual([]);
    });
  });
}
