import { readFileSync } from 'node:fs';
import { EventData } from '../../../../src/events/event-data.js';
import { Latch } from '../../../../src/kafka/transport/latch.js';
import { parseSecret } from '../../../../src/modules/webhooks/domain/signature.js';
import { verifySignature } from '../../../support/receiver.js';
import { event, newSecret, recordedAtMs, secret, SendingWorld, targetAt } from './sending-world.js';

describe('a webhook that is sent', () => {
  let world: SendingWorld;
  beforeEach(async () => {
    world = await SendingWorld.start();
  });
  afterEach(() => world.stop());

  const onlyRequest = () => {
    expect(world.receiver.requests).toHaveLength(1);
    return world.receiver.requests[0]!;
  };

  it('is a POST with the headers of Standard Webhooks, which an independent library verifies', async () => {
    const before = Math.floor(Date.now() / 1_000);
    expect(await world.send()).toEqual({
      outcome: 'delivered',
      status: 200,
      durationMs: expect.any(Number),
    });
    const request = onlyRequest();
    expect(request).toMatchObject({ method: 'POST', path: '/hook' });
    expect(request.headers).toMatchObject({
      'webhook-id': 'msg_1',
      'content-type': 'application/json',
      'content-length': String(request.body.length),
    });
    const timestamp = Number(request.headers['webhook-timestamp']);
    expect(timestamp).toBeGreaterThanOrEqual(before);
    expect(timestamp).toBeLessThanOrEqual(request.arrivedAt / 1_000);
    expect(request.body.toString()).toBe(
      '{"type":"order.placed","timestamp":"2026-11-28T10:00:00.000Z","data":{"n":9007199254740993, "x":1.0}}',
    );
    verifySignature(request, secret);
    expect(() => verifySignature(request, newSecret())).toThrow('No matching signature');
    const changed = { ...request, body: Buffer.from('{}') };
    expect(() => verifySignature(changed, secret)).toThrow('No matching signature');
  });

  it('is signed with the new and the former secret while a secret is rotated', async () => {
    const newer = newSecret();
    await world.send({ secrets: [parseSecret(newer), parseSecret(secret)] });
    verifySignature(onlyRequest(), newer);
    verifySignature(onlyRequest(), secret);
    expect(onlyRequest().headers['webhook-signature']).toMatch(/^v1,[\w+/]{43}= v1,[\w+/]{43}=$/);
  });

  it('carries a CloudEvent in binary mode', async () => {
    await world.send({ payload: 'cloudevents-binary' });
    const request = onlyRequest();
    expect(request.headers).toMatchObject({
      'ce-specversion': '1.0',
      'ce-id': 'e-1',
      'ce-source': '/orders',
      'ce-type': 'order.placed',
      'ce-region': 'eu',
      'content-type': 'application/json',
    });
    expect(request.body).toEqual(event.data?.bytes);
    verifySignature(request, secret);
  });

  it('carries a CloudEvent without data and content type in binary mode', async () => {
    const bare = { ...event, datacontenttype: undefined, data: undefined };
    const target = targetAt(world.receiver.url, { payload: 'cloudevents-binary' });
    await world.sender.send({ target, messageId: 'msg_1', event: bare, recordedAtMs });
    expect(onlyRequest().headers).toMatchObject({ 'content-length': '0', 'ce-id': 'e-1' });
    expect(onlyRequest().headers).not.toHaveProperty('content-type');
    expect(onlyRequest().path).toBe('/');
    verifySignature(onlyRequest(), secret);
  });

  it('carries a CloudEvent in structured mode', async () => {
    await world.send({ payload: 'cloudevents-structured' });
    expect(onlyRequest().headers['content-type']).toBe('application/cloudevents+json');
    expect(JSON.parse(onlyRequest().body.toString())).toMatchObject({
      specversion: '1.0',
      id: 'e-1',
    });
    verifySignature(onlyRequest(), secret);
  });

  it('carries a megabyte unchanged', async () => {
    const data = EventData.received(Buffer.from(JSON.stringify('ä'.repeat(500_000))));
    const target = targetAt(world.receiver.url, { payload: 'cloudevents-binary' });
    const large = { ...event, data };
    await world.sender.send({ target, messageId: 'msg_1', event: large, recordedAtMs });
    expect(onlyRequest().body.equals(data.bytes)).toBe(true);
  });

  it('carries headers that the subscription adds, and names its sender and version', async () => {
    await world.send({ headers: { Authorization: 'Bearer x', 'X-Team': 'a b' } });
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(onlyRequest().headers).toMatchObject({
      authorization: 'Bearer x',
      'x-team': 'a b',
      'user-agent': `Millrace/${version}`,
    });
  });

  it('keeps the query of the URL', async () => {
    const target = targetAt(`${world.receiver.url}/a%20b?token=1&x`);
    await world.sender.send({ target, messageId: 'msg_1', event, recordedAtMs });
    expect(onlyRequest().path).toBe('/a%20b?token=1&x');
  });

  it('takes over the connection of one before it', async () => {
    const lane = async () => {
      for (let sent = 0; sent < 10; sent += 1) await world.send();
    };
    await Promise.all([lane(), lane(), lane()]);
    expect(world.receiver.requests).toHaveLength(30);
    expect(world.receiver.connections).toBe(3);
  });

  it('waits for no other one, however many are under way', async () => {
    const released = new Latch();
    world.receiver.respond(async () => {
      await released.opened;
      return { status: 200 };
    });
    const slow = Array.from({ length: 80 }, () => world.send({ timeoutSeconds: 20 }));
    await world.receiver.received(80);
    world.receiver.respond(() => ({ status: 204 }));
    expect(await world.send()).toMatchObject({ outcome: 'delivered', status: 204 });
    released.open();
    expect((await Promise.all(slow)).every(({ outcome }) => outcome === 'delivered')).toBe(true);
    expect(world.receiver.connections).toBe(81);
  });
});
