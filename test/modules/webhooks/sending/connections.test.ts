import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { Agent, request } from 'undici';
import { AddressGuard } from '../../../../src/common/net/address-guard.js';
import { NameResolver } from '../../../../src/common/net/name-resolver.js';
import { Nameserver } from '../../../../src/common/net/testing/nameserver.js';
import { Latch } from '../../../../src/kafka/transport/latch.js';
import { connectionFailure } from '../../../../src/modules/webhooks/sending/connection-failure.js';
import { guardedConnector } from '../../../../src/modules/webhooks/sending/guarded-connector.js';
import { WebhookSender } from '../../../../src/modules/webhooks/sending/webhook-sender.js';
import { eventually } from '../../../support/eventually.js';
import { misbehave } from '../../../support/receiver.js';
import { certificate, privateKey } from '../../../support/certificate.js';
import { event, recordedAtMs, SendingWorld, targetAt } from './sending-world.js';

describe('the connections of a sender', () => {
  let world: SendingWorld;
  beforeEach(async () => {
    world = await SendingWorld.start();
  });
  afterEach(() => world.stop());

  it('are closed some seconds after their last attempt', async () => {
    await Promise.all([world.send(), world.send(), world.send()]);
    expect(world.receiver.openConnections).toBe(3);
    await eventually(
      () => world.receiver.openConnections,
      (open) => open === 0,
      10,
    );
    expect(await world.send()).toMatchObject({ outcome: 'delivered' });
  });

  it('are replaced when the receiver has closed them', async () => {
    world.receiver.respond(() => ({ status: 200, headers: { Connection: 'close' } }));
    for (const expected of [1, 2, 3]) {
      expect(await world.send()).toMatchObject({ outcome: 'delivered' });
      expect(world.receiver.connections).toBe(expected);
    }
  });

  it('are closed when it closes, after the attempts under way', async () => {
    const answer = new Latch();
    world.receiver.respond(async () => {
      await answer.opened;
      return { status: 200 };
    });
    const underWay = world.send({ timeoutSeconds: 20 });
    const closed = world.sender.close();
    await expect(world.send()).rejects.toMatchObject({ code: 'WEBHOOKS.SENDER_CLOSED' });
    await world.receiver.received(1);
    answer.open();
    expect(await underWay).toMatchObject({ outcome: 'delivered' });
    await closed;
    await eventually(
      () => world.receiver.openConnections,
      (open) => open === 0,
    );
  });

  it('are broken off with an attempt whose caller gives up', async () => {
    const ended = new Latch();
    world.receiver.respond(() => (socket) => {
      socket.once('close', () => ended.open());
    });
    const caller = new AbortController();
    const attempt = world.send({ timeoutSeconds: 20 }, caller.signal);
    await world.receiver.received(1);
    caller.abort(new Error('drained'));
    await expect(attempt).rejects.toThrow('drained');
    await ended.opened;
  });

  it('are broken off all together by one signal', async () => {
    world.receiver.respond(() => misbehave.hang());
    const caller = new AbortController();
    const attempts = Array.from({ length: 20 }, () =>
      world.send({ timeoutSeconds: 20 }, caller.signal),
    );
    await world.receiver.received(20);
    caller.abort(new Error('drained'));
    const results = await Promise.allSettled(attempts);
    expect(results.map(({ status }) => status)).toEqual(attempts.map(() => 'rejected'));
  });

  it('are not made for a caller that gave up before', async () => {
    const gone = AbortSignal.abort(new Error('drained'));
    await expect(world.send({}, gone)).rejects.toThrow('drained');
    const caller = new AbortController();
    const attempt = world.send({}, caller.signal);
    caller.abort(new Error('drained too'));
    await expect(attempt).rejects.toThrow('drained too');
    await world.sender.close();
    expect(world.receiver.connections).toBe(0);
  });

  it('that cannot be made in time end the attempt, and are not used when they come', async () => {
    const resolved = new Latch();
    const guard = new AddressGuard(['127.0.0.1/32'], async () => {
      await resolved.opened;
      return [{ address: '127.0.0.1' }];
    });
    const sender = new WebhookSender(guard);
    const target = targetAt(`http://hooks.test:${world.receiver.port}/`);
    const attempt = sender.send({ target, messageId: 'msg_1', event, recordedAtMs });
    expect(await attempt).toMatchObject({
      outcome: 'failed',
      error: { code: 'WEBHOOKS.TIMEOUT_CONNECT' },
    });
    resolved.open();
    await eventually(
      () => world.receiver.connections,
      (made) => made === 1,
    );
    await sender.close();
    expect(world.receiver.requests).toEqual([]);
  });

  it.each(['ENOTFOUND', 'EAI_AGAIN'])('to a name without address (%s) fail', async (code) => {
    const lookUp = () => Promise.reject(Object.assign(new Error(`getaddrinfo ${code}`), { code }));
    const sender = new WebhookSender(new AddressGuard([], lookUp));
    const target = targetAt('https://hooks.test/');
    const attempt = sender.send({ target, messageId: 'msg_1', event, recordedAtMs });
    expect(await attempt).toMatchObject({
      outcome: 'failed',
      error: { code: 'WEBHOOKS.NAME_UNRESOLVED' },
    });
    await sender.close();
  });

  it('are made while any number of names has a nameserver that is silent', async () => {
    const nameserver = await Nameserver.listen((name) =>
      name === 'hooks.test' ? ['127.0.0.1'] : 'silence',
    );
    const names = new NameResolver({
      servers: [nameserver.address],
      hostsFile: '/dev/null',
      resolvConf: '/dev/null',
      withinMs: 2_000,
    });
    const sender = new WebhookSender(new AddressGuard(['127.0.0.1/32'], names.lookUp));
    const send = (host: string) => {
      const url = `http://${host}:${world.receiver.port}/`;
      const target = targetAt(url, { timeoutSeconds: 20 });
      return sender.send({ target, messageId: 'msg_1', event, recordedAtMs });
    };
    let ended = 0;
    const hanging = Array.from({ length: 50 }, async (_, index) => {
      const result = await send(`n${index}.silent.test`);
      ended += 1;
      return result;
    });
    expect(await send('hooks.test')).toMatchObject({ outcome: 'delivered' });
    expect(ended).toBe(0);
    for (const result of await Promise.all(hanging))
      expect(result).toMatchObject({ error: { code: 'WEBHOOKS.NAME_UNRESOLVED' } });
    await Promise.all([sender.close(), nameserver.close()]);
  });

  it('of one subscription are not held by another one that hangs at the same host', async () => {
    world.receiver.respond(({ path }) => (path === '/hook' ? { status: 200 } : misbehave.hang()));
    const url = `${world.receiver.url}/hangs`;
    const hanging = Array.from({ length: 100 }, () => world.send({ url }));
    await world.receiver.received(100);
    for (let sent = 0; sent < 20; sent += 1)
      expect(await world.send()).toMatchObject({ outcome: 'delivered' });
    await Promise.all(hanging);
  });
});

describe('a connection over TLS', () => {
  let server: Server;
  const servernames: unknown[] = [];
  beforeAll(async () => {
    server = createServer({ cert: certificate, key: privateKey }, (message, response) => {
      servernames.push((message.socket as TLSSocket & { servername?: unknown }).servername);
      response.end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(async () => {
    server.closeAllConnections();
    await once(server.close(), 'close');
  });

  const guard = new AddressGuard(['127.0.0.1/32'], async () => [{ address: '127.0.0.1' }]);
  const urlOf = (host: string) => `https://${host}:${(server.address() as AddressInfo).port}/`;

  it('asks for the certificate of the name, not of the address', async () => {
    const agent = new Agent({ connect: guardedConnector(guard, { ca: certificate }) });
    const { statusCode, body } = await request(urlOf('hooks.test'), { dispatcher: agent });
    await body.dump();
    expect(statusCode).toBe(200);
    expect(servernames).toEqual(['hooks.test']);
    await agent.close();
  });

  it('is not made with a receiver whose certificate is of another name', async () => {
    const agent = new Agent({ connect: guardedConnector(guard, { ca: certificate }) });
    const error: unknown = await request(urlOf('other.test'), { dispatcher: agent }).catch(
      (thrown: unknown) => thrown,
    );
    expect(connectionFailure(error as Error).error).toEqual({
      code: 'WEBHOOKS.TLS_FAILED',
      message: 'TLS with the receiver failed (ERR_TLS_CERT_ALTNAME_INVALID).',
    });
    await agent.close();
  });

  it('is not made with a receiver whose certificate nobody vouches for', async () => {
    const sender = new WebhookSender(guard);
    const target = targetAt(urlOf('hooks.test'));
    expect(await sender.send({ target, messageId: 'msg_1', event, recordedAtMs })).toMatchObject({
      outcome: 'failed',
      error: { code: 'WEBHOOKS.TLS_FAILED' },
    });
    await sender.close();
  });
});
