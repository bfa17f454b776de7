import type { MillraceClient, Published } from '../../support/client.js';
import { verifySignature, type ReceivedRequest } from '../../support/receiver.js';
import { webhooksOf } from '../support/webhooks.js';

const SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;

/** Attributes of a request in CloudEvents' binary mode, as the HTTP binding tells to read them. */
const attributesOf = ({ headers }: ReceivedRequest): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith('ce-'))
      .map(([name, value]) => [name.slice('ce-'.length), decodeURIComponent(String(value))]),
  );

const sizes = { subject: 'Größe "L", 100 %', region: 'eu' };
const attributes = { specversion: '1.0', id: 'b-1', source: '/shop', type: 'order.scanned' };
const inHeaders = Object.fromEntries(
  Object.entries({ ...attributes, ...sizes }).map(([name, value]) => [
    `ce-${name}`,
    encodeURIComponent(value),
  ]),
);

/** What arrives at a webhook of an event: three payloads, signature, id and headers. */
export function webhookPayloadsStory(millrace: () => MillraceClient): void {
  describe('a webhook', () => {
    const subscribe = webhooksOf(millrace);
    const publishBytes = (topic: string, body: Buffer, contentType: string) =>
      millrace().must<Published>('POST', `/v1/topics/${topic}/events`, {
        body,
        headers: { 'content-type': contentType, ...inHeaders },
      });
    const arrivalOf = async (
      topic: string,
      payload: string,
      publish: () => Promise<Published>,
    ): Promise<{ readonly request: ReceivedRequest; readonly published: Published }> => {
      const { receiver } = await subscribe(topic, { payload, secret: SECRET });
      receiver.respond(() => ({ status: 204 }));
      const published = await publish();
      const [request] = await receiver.received(1);
      return { request: request!, published };
    };

    it('gets an event once, signed, with its payload byte for byte', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const subscription = await subscribe(topic, {
        secret: SECRET,
        headers: { 'X-Team': 'blue' },
      });
      subscription.receiver.respond(() => ({ status: 200 }));
      const data = '{"b":1.10,"a":12345678901234567890123,"1":"\\u00e9",  "0":[ ]}';
      const path = `/v1/topics/${topic}/events`;
      const headers = { 'content-type': 'application/json' };
      const query = '?type=order.paid&id=o-1&key=k';
      const first = await millrace().must<Published>('POST', path + query, { body: data, headers });
      const last = await millrace().publish(topic, 'the last one', { key: 'k' });
      await subscription.receiver.received(2);
      await subscription.shows(({ partitions }) => partitions.every(({ lag }) => lag === 0));
      const { requests } = subscription.receiver;
      expect(requests.map((request) => request.headers['webhook-id'])).toEqual([
        first.messageId,
        last.messageId,
      ]);
      const [request] = requests;
      verifySignature(request!, SECRET);
      expect([request!.method, request!.path]).toEqual(['POST', '/hook']);
      expect(request!.headers).toMatchObject({
        'content-type': 'application/json',
        'user-agent': expect.stringMatching(/^Millrace\/\d/),
        'x-team': 'blue',
      });
      const text = request!.body.toString('utf8');
      expect(text).toContain(`"data":${data}}`);
      const { timestamp, type } = JSON.parse(text) as Record<string, string>;
      expect(type).toBe('order.paid');
      expect(Math.abs(Date.parse(timestamp!) - request!.arrivedAt)).toBeLessThan(60_000);
      expect(() =>
        verifySignature(request!, `whsec_${Buffer.alloc(32, 4).toString('base64')}`),
      ).toThrow('No matching signature');
    });

    it('in CloudEvents binary mode gets attributes as headers, and the bytes as they are', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const bytes = Buffer.from([0, 255, 10, 13, 34, 92]);
      const { request, published } = await arrivalOf(topic, 'cloudevents-binary', () =>
        publishBytes(topic, bytes, 'application/octet-stream'),
      );
      expect(attributesOf(request)).toMatchObject({ ...attributes, ...sizes });
      expect(request.headers['content-type']).toBe('application/octet-stream');
      expect(request.headers['webhook-id']).toBe(published.messageId);
      expect(request.body.equals(bytes)).toBe(true);
    });

    it('in CloudEvents binary mode is signed, whatever the bytes say', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const text = Buffer.from('no JSON: Größe');
      const { request } = await arrivalOf(topic, 'cloudevents-binary', () =>
        publishBytes(topic, text, 'text/plain; charset=utf-8'),
      );
      verifySignature(request, SECRET);
      expect(request.body.equals(text)).toBe(true);
    });

    it('in CloudEvents structured mode gets the whole event as JSON', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const data = '{"total":12345678901234567890.10}';
      const { request, published } = await arrivalOf(topic, 'cloudevents-structured', () =>
        publishBytes(topic, Buffer.from(data), 'application/json'),
      );
      verifySignature(request, SECRET);
      expect(request.headers['content-type']).toMatch(/^application\/cloudevents\+json\b/);
      expect(request.headers['webhook-id']).toBe(published.messageId);
      const text = request.body.toString('utf8');
      expect(JSON.parse(text)).toMatchObject({
        ...attributes,
        ...sizes,
        datacontenttype: 'application/json',
      });
      expect(text).toContain(`"data":${data}`);
    });

    it('in CloudEvents structured mode gets other bytes as base64', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const bytes = Buffer.from([0, 255, 10, 13]);
      const { request } = await arrivalOf(topic, 'cloudevents-structured', () =>
        publishBytes(topic, bytes, 'application/octet-stream'),
      );
      expect(JSON.parse(request.body.toString('utf8'))).toMatchObject({
        datacontenttype: 'application/octet-stream',
        data_base64: bytes.toString('base64'),
      });
    });
  });
}
