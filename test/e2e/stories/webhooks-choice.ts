import type { MillraceClient } from '../../support/client.js';
import { publishLabels, webhooksOf } from '../support/webhooks.js';

/** Which events a webhook gets: its filter's, its tenant's, from its start on. */
export function webhookChoiceStory(millrace: () => MillraceClient): void {
  describe('a webhook', () => {
    const subscribe = webhooksOf(millrace);
    const send = (topic: string, label: string, type: string) =>
      millrace().publish(topic, label, { id: label, type, key: 'k' });

    it('gets what its filter matches', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const paid = await subscribe(topic, {}, { filter: { exact: { type: 'paid' } } });
      const all = await subscribe(topic);
      await send(topic, 'a1', 'paid');
      await send(topic, 'a2', 'sent');
      await send(topic, 'a3', 'paid');
      expect(new Set(await all.takes(3))).toEqual(new Set(['a1', 'a2', 'a3']));
      await paid.shows(({ partitions }) => partitions.every(({ lag }) => lag === 0));
      expect(paid.taken.toSorted()).toEqual(['a1', 'a3']);
    });

    it('judges events by the filter that applies at their offset, once it is changed', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const changing = await subscribe(topic, {}, { filter: { exact: { type: 'a' } } });
      await send(topic, 'x1', 'a');
      await send(topic, 'x2', 'b');
      await changing.takes(1);
      const filter = { exact: { type: 'b' } };
      await millrace().must('PATCH', changing.path, { json: { filter } });
      await send(topic, 'x3', 'a');
      await send(topic, 'x4', 'b');
      await changing.takes(2);
      await changing.shows(({ partitions }) => partitions.every(({ lag }) => lag === 0));
      expect(changing.taken).toEqual(['x1', 'x4']);
    });

    it('of a tenant gets that tenant’s events only', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const scopes = ['publish', 'manage'];
      const blue = millrace().as(await millrace().createKey({ scopes, tenant: 'blue' }));
      const red = millrace().as(await millrace().createKey({ scopes, tenant: 'red' }));
      const ofBlue = await subscribe(topic, {}, { tenant: 'blue' });
      const all = await subscribe(topic);
      await publishLabels(red, topic, 'red1');
      await publishLabels(millrace(), topic, 'nobody1');
      await publishLabels(blue, topic, 'blue1');
      await all.takes(3);
      await ofBlue.shows(({ partitions }) => partitions.every(({ lag }) => lag === 0));
      expect(ofBlue.taken).toEqual(['blue1']);
      expect((await red.call('GET', ofBlue.path)).status).toBe(404);
    });

    it('begins at the earliest event, or at chosen offsets, and goes on with new ones', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      await publishLabels(millrace(), topic, 'k1', 'k2', 'k3');
      const ordering = 'key';
      const all = await subscribe(topic, { ordering }, { start: 'earliest' });
      const some = await subscribe(topic, { ordering }, { start: { offsets: { 0: 2 } } });
      const fresh = await subscribe(topic, { ordering });
      await publishLabels(millrace(), topic, 'k4');
      expect(await all.takes(4)).toEqual(['k1', 'k2', 'k3', 'k4']);
      expect(await some.takes(2)).toEqual(['k3', 'k4']);
      expect(await fresh.takes(1)).toEqual(['k4']);
    });

    it('begins at a time', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      await publishLabels(millrace(), topic, 'k1');
      const time = new Date(Date.now() + 1).toISOString();
      while (Date.now() <= Date.parse(time)) await millrace().call('GET', '/livez');
      await publishLabels(millrace(), topic, 'k2');
      const later = await subscribe(topic, {}, { start: { time } });
      expect(await later.takes(1)).toEqual(['k2']);
    });
  });
}
