import { uniqueName, type MillraceClient } from '../../support/client.js';
import { eventually } from '../../support/eventually.js';
import { SseConnection } from '../../support/sse.js';

/** Who may do what, seen from outside. */
export function keysStory(millrace: () => MillraceClient): void {
  describe('keys', () => {
    it('are needed on every route but the probes', async () => {
      const { status, headers, body } = await millrace().call('GET', '/v1/topics', { key: null });
      expect(status).toBe(401);
      expect(headers.get('content-type')).toContain('application/problem+json');
      expect(body['code']).toBe('AUTH.KEY_MISSING');
      expect((await millrace().call('GET', '/livez', { key: null })).status).toBe(200);
      expect((await millrace().call('GET', '/readyz', { key: null })).status).toBe(200);
    });

    it('that are unknown are refused', async () => {
      const answer = await millrace().call('GET', '/v1/topics', { key: `mr_${'x'.repeat(43)}` });
      expect(answer.status).toBe(401);
      expect(answer.body['code']).toBe('AUTH.KEY_INVALID');
    });

    it('do only what their scopes allow', async () => {
      const topic = await millrace().createTopic();
      const publisher = await millrace().createKey({ scopes: ['publish'] });
      const consumer = await millrace().createKey({ scopes: ['consume'] });
      const events = `/v1/topics/${topic}/events`;
      const publish = (key: string) => millrace().call('POST', events, { key, json: { a: 1 } });
      expect((await publish(publisher)).status).toBe(202);
      expect((await publish(consumer)).status).toBe(403);
      const change = await millrace().call('PUT', `/v1/topics/${topic}`, {
        key: publisher,
        json: {},
      });
      expect(change.status).toBe(403);
      expect(change.body['code']).toBe('AUTH.SCOPE_MISSING');
      expect((await millrace().call('POST', '/v1/keys', { key: consumer, json: {} })).status).toBe(
        403,
      );
    });

    it('limited to topics reach no other', async () => {
      const [mine, other] = [await millrace().createTopic(), await millrace().createTopic()];
      const key = await millrace().createKey({ scopes: ['publish'], topics: [mine] });
      const publish = (topic: string) =>
        millrace().call('POST', `/v1/topics/${topic}/events`, { key, json: 1 });
      expect((await publish(mine)).status).toBe(202);
      const refused = await publish(other);
      expect(refused.status).toBe(403);
      expect(refused.body['code']).toBe('AUTH.TOPIC_FORBIDDEN');
    });

    it('limited to topics neither read nor manage subscriptions of others', async () => {
      const [mine, other] = [await millrace().createTopic(), await millrace().createTopic()];
      const [allowed, hidden] = [
        await millrace().createStream(mine),
        await millrace().createStream(other),
      ];
      const limited = millrace().as(
        await millrace().createKey({ scopes: ['consume', 'manage'], topics: [mine] }),
      );
      const statusOf = async (method: string, path: string, json?: unknown) =>
        (await limited.call(method, path, { json })).status;
      expect(await statusOf('GET', `/v1/streams/${allowed}/events?waitSeconds=0`)).toBe(200);
      expect(await statusOf('GET', `/v1/subscriptions/${allowed}`)).toBe(200);
      expect(await statusOf('GET', `/v1/streams/${hidden}/events?waitSeconds=0`)).toBe(404);
      const path = `/v1/subscriptions/${hidden}`;
      expect(await statusOf('GET', path)).toBe(404);
      expect(await statusOf('PATCH', path, { filter: null })).toBe(404);
      expect(await statusOf('POST', `${path}/pause`)).toBe(404);
      expect(await statusOf('DELETE', path)).toBe(404);
      const { data } = await limited.must<{ data: { id: string }[] }>('GET', '/v1/subscriptions');
      expect(data.map(({ id }) => id)).toEqual([allowed]);
    });

    it('stop working everywhere within a second once revoked, open streams included', async () => {
      const topic = await millrace().createTopic();
      const stream = await millrace().createStream(topic);
      const id = uniqueName('key');
      const { key } = await millrace().must<{ key: string }>('POST', '/v1/keys', {
        json: { id, scopes: ['publish', 'consume'] },
      });
      const reader = await SseConnection.open(millrace(), stream, { key });
      await millrace().as(key).publish(topic, { n: 1 });
      await reader.events(1);
      expect((await millrace().call('DELETE', `/v1/keys/${id}`)).status).toBe(204);
      const publish = () =>
        millrace().call('POST', `/v1/topics/${topic}/events`, { key, json: { n: 2 } });
      await eventually(publish, ({ status }) => status === 401, 1);
      let last = await reader.next();
      while (last !== undefined) last = await reader.next();
      expect(last).toBeUndefined();
    });
  });
}
