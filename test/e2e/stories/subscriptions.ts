import { uniqueName, type MillraceClient } from '../../support/client.js';
import { eventually } from '../../support/eventually.js';
import { envelopes, SseConnection } from '../../support/sse.js';

const idsOf = (messages: readonly { readonly data: string }[]): readonly string[] =>
  envelopes(messages).map(({ event }) => event.id);

/** Filters, tenants, and a subscription's life. */
export function subscriptionsStory(millrace: () => MillraceClient): void {
  describe('subscriptions', () => {
    it('give out what their filter matches, by attribute and by payload', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const byType = await millrace().createStream(topic, {
        filter: { prefix: { type: 'order.' } },
      });
      const byData = await millrace().createStream(topic, {
        filter: { data: { exact: { 'customer.country': 'NL' } } },
      });
      const send = (id: string, type: string, country: string) =>
        millrace().publish(topic, { customer: { country } }, { id, type });
      await send('1', 'order.paid', 'DE');
      await send('2', 'invoice.sent', 'NL');
      await send('3', 'order.sent', 'NL');
      const [one, other] = await Promise.all(
        [byType, byData].map((stream) => SseConnection.open(millrace(), stream)),
      );
      expect(idsOf(await one!.events(2))).toEqual(['1', '3']);
      expect(idsOf(await other!.events(2))).toEqual(['2', '3']);
      one!.close();
      other!.close();
    });

    it('apply a changed filter from the offsets at which it was changed', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const stream = await millrace().createStream(topic, { filter: { exact: { type: 'a' } } });
      await millrace().publish(topic, 1, { id: '1', type: 'a' });
      await millrace().publish(topic, 1, { id: '2', type: 'b' });
      await millrace().must('PATCH', `/v1/subscriptions/${stream}`, {
        json: { filter: { exact: { type: 'b' } } },
      });
      await millrace().publish(topic, 1, { id: '3', type: 'a' });
      await millrace().publish(topic, 1, { id: '4', type: 'b' });
      const reader = await SseConnection.open(millrace(), stream);
      expect(idsOf(await reader.events(2))).toEqual(['1', '4']);
      reader.close();
    });

    it('of a tenant see only that tenant, and so do its keys', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const blue = millrace().as(
        await millrace().createKey({ scopes: ['publish', 'consume', 'manage'], tenant: 'blue' }),
      );
      const red = millrace().as(
        await millrace().createKey({ scopes: ['publish', 'consume', 'manage'], tenant: 'red' }),
      );
      const stream = await blue.createStream(topic);
      await red.publish(topic, 1, { id: 'red-1' });
      await millrace().publish(topic, 1, { id: 'nobody-1' });
      await blue.publish(topic, 1, { id: 'blue-1' });
      const { body } = await blue.call<{ events: { event: { id: string; tenant: string } }[] }>(
        'GET',
        `/v1/streams/${stream}/events?waitSeconds=10`,
        { headers: { accept: 'application/json' } },
      );
      expect(body.events.map(({ event }) => event)).toMatchObject([
        { id: 'blue-1', tenant: 'blue' },
      ]);
      expect((await red.call('GET', `/v1/subscriptions/${stream}`)).status).toBe(404);
      expect((await red.call('GET', `/v1/streams/${stream}/events`)).status).toBe(404);
    });

    it('stand still while paused, and go on in order', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const stream = await millrace().createStream(topic);
      const reader = await SseConnection.open(millrace(), stream);
      await millrace().publish(topic, 1, { id: '1' });
      expect(idsOf(await reader.events(1))).toEqual(['1']);
      await millrace().must('POST', `/v1/subscriptions/${stream}/pause`);
      const status = () => millrace().must('GET', `/v1/subscriptions/${stream}`);
      expect(await status()).toMatchObject({ status: 'paused' });
      await eventually(
        () => reader.next(),
        (message) => message?.event === 'paused' || message?.comment?.includes('paused') === true,
      );
      await millrace().publish(topic, 1, { id: '2' });
      await millrace().publish(topic, 1, { id: '3' });
      await millrace().must('POST', `/v1/subscriptions/${stream}/resume`);
      expect(idsOf(await reader.events(2))).toEqual(['2', '3']);
      reader.close();
    });

    it('start clean when deleted and made again', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      await millrace().publish(topic, 1, { id: '1' });
      const id = uniqueName('again');
      const make = () =>
        millrace().must<{ uid: string }>('POST', '/v1/subscriptions', {
          json: { id, topic, kind: 'stream', start: 'earliest' },
        });
      const first = await make();
      const poll = () =>
        millrace().must<{ events: unknown[]; cursor: string }>(
          'GET',
          `/v1/streams/${id}/events?waitSeconds=10`,
          { headers: { accept: 'application/json' } },
        );
      const { cursor } = await poll();
      await millrace().must('POST', `/v1/streams/${id}/commit`, { json: { cursor } });
      await millrace().must('DELETE', `/v1/subscriptions/${id}`);
      expect((await make()).uid).not.toBe(first.uid);
      expect((await poll()).events).toHaveLength(1);
    });
  });
}
