import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import {
  Consumer,
  MessagesStreamModes,
  Producer,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka';
import { Kafka, logLevel, type SASLOptions } from 'kafkajs';
import { MECHANISMS } from '../../src/kafka/broker/security/mechanism.js';
import { TlsHandshakeFailed } from '../../src/kafka/broker/security/security.errors.js';
import { TooManyConnections } from '../../src/kafka/broker/server/too-many-connections.js';
import type { StartBrokerOptions } from '../../src/kafka/broker/start-broker.js';
import {
  certificate,
  privateKey,
  strangersCertificate,
  strangersKey,
} from '../support/certificate.js';
import { eventually } from '../support/eventually.js';
import { embeddedBroker, isForeign, type BrokerUnderTest } from './support/broker-under-test.js';
import { unique } from './support/names.js';
import { encodeRequest, RawClient } from './support/raw-client.js';
import { roundTrip } from './support/round-trip.js';
import { ALICE, API_VERSIONS } from './support/sasl.js';

/** Another broker's certificate is its own. */
const embedded = isForeign ? describe.skip : describe;

const tls = { cert: certificate, key: privateKey };
const sasl = { users: { [ALICE.username]: ALICE.password } };
/** What a client needs to trust the broker. */
const trust = { ca: certificate, servername: 'hooks.test' };

let broker: BrokerUnderTest | undefined;
let failures: unknown[];

beforeEach(() => {
  failures = [];
});
afterEach(async () => {
  await broker?.stop();
  broker = undefined;
});

async function start(options: StartBrokerOptions = {}): Promise<BrokerUnderTest> {
  const onConnectionFailure = (error: unknown): void => void failures.push(error);
  broker = await embeddedBroker({ tls, onConnectionFailure, ...options });
  return broker;
}

/** Connects and asks a question; rejects when the broker does not let the client in. */
async function ask(options: ConnectionOptions = {}): Promise<unknown> {
  const { host, port } = broker!;
  const socket = connectTls({ host, port, ...trust, ...options });
  await once(socket, 'secureConnect');
  const client = RawClient.over(socket);
  try {
    return await client.request(API_VERSIONS, 0, {});
  } finally {
    client.close();
  }
}

/** Resolves when a failure has been told of, to all of them. */
function toldFailures(): Promise<readonly unknown[]> {
  return eventually(
    () => failures,
    ({ length }) => length > 0,
  );
}

const handshakeFailed = (words = ''): unknown =>
  expect.objectContaining({
    name: TlsHandshakeFailed.name,
    message: expect.stringContaining(words),
  });

embedded('clients over TLS', () => {
  it('write and read', async () => {
    const { brokers } = await start();
    const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING, ssl: trust });
    expect(await roundTrip(kafka)).toBe('there and back');
  });

  it.each(MECHANISMS)('write and read after %s', async (mechanism) => {
    const { brokers } = await start({ sasl });
    const login = { mechanism: mechanism.toLowerCase(), ...ALICE } as SASLOptions;
    const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING, ssl: trust, sasl: login });
    expect(await roundTrip(kafka)).toBe('there and back');
  });

  it.each(MECHANISMS)('write and read after %s with @platformatic/kafka', async (mechanism) => {
    const { brokers } = await start({ sasl });
    const options = {
      clientId: 'conformance',
      bootstrapBrokers: brokers,
      tls: trust,
      sasl: { mechanism, ...ALICE },
    };
    const topic = unique('tls');
    const producer = new Producer({
      ...options,
      serializers: stringSerializers,
      autocreateTopics: true,
    });
    await producer.send({ messages: [{ topic, value: 'there and back' }] });
    await producer.close();
    const consumer = new Consumer({
      ...options,
      groupId: unique('group'),
      deserializers: stringDeserializers,
      maxWaitTime: 100,
    });
    const stream = await consumer.consume({ topics: [topic], mode: MessagesStreamModes.EARLIEST });
    for await (const { value } of stream) {
      expect(value).toBe('there and back');
      break;
    }
    await consumer.close(true);
  });

  it('refuse a broker that they do not trust', async () => {
    await start();
    await expect(ask({ ca: strangersCertificate })).rejects.toThrow('self-signed certificate');
    expect(await ask()).toMatchObject({ errorCode: 0 });
  });
});

embedded('a broker that asks for client certificates', () => {
  const withClientCa = { tls: { ...tls, clientCa: certificate } };

  it('lets in who has one', async () => {
    await start(withClientCa);
    expect(await ask(tls)).toMatchObject({ errorCode: 0 });
  });

  it.each<[string, ConnectionOptions]>([
    ['none', {}],
    ['one of a stranger', { cert: strangersCertificate, key: strangersKey }],
    ['none, over TLS 1.2', { maxVersion: 'TLSv1.2' }],
  ])('turns away who has %s', async (_case, options) => {
    await start(withClientCa);
    await expect(ask(options)).rejects.toThrow(/closed|ECONNRESET|disconnected|alert/);
    expect(await toldFailures()).toEqual([handshakeFailed('certificate')]);
    expect(await ask(tls)).toMatchObject({ errorCode: 0 });
  });
});

embedded('a TLS listener', () => {
  it('lets go of who does not speak TLS', async () => {
    const { host, port } = await start();
    const socket = connect({ host, port });
    const closed = once(socket, 'close');
    socket.on('data', () => undefined);
    socket.write(encodeRequest(API_VERSIONS, 0, 1, {}));
    await closed;
    expect(await toldFailures()).toEqual([handshakeFailed()]);
    expect(await ask()).toMatchObject({ errorCode: 0 });
  });

  it('has no more connections than it may, and those who got through first', async () => {
    await start({ maxConnections: 1 });
    const { host, port } = broker!;
    const socket = connectTls({ host, port, ...trust });
    await once(socket, 'secureConnect');
    const client = RawClient.over(socket);
    await client.request(API_VERSIONS, 0, {});
    await expect(ask()).rejects.toThrow(/closed|ECONNRESET|disconnected/);
    expect(await client.request(API_VERSIONS, 0, {})).toMatchObject({ errorCode: 0 });
    expect(await toldFailures()).toContainEqual(expect.any(TooManyConnections));
    client.close();
  });

  it('refuses versions below 1.2', async () => {
    await start();
    const old = ask({
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    await expect(old).rejects.toThrow(/alert|version|ECONNRESET/);
    expect(await toldFailures()).toEqual([handshakeFailed('unsupported protocol')]);
    expect(await ask()).toMatchObject({ errorCode: 0 });
  });

  it('lets go of who stalls in the handshake', async () => {
    const { host, port } = await start({ idleMs: 1000 });
    const socket = connect({ host, port });
    await once(socket, 'close');
    expect(await toldFailures()).toEqual([handshakeFailed('timeout')]);
    expect(await ask()).toMatchObject({ errorCode: 0 });
  });

  it('ends handshakes when the broker is stopped', async () => {
    const { host, port } = await start();
    const stalled = connect({ host, port });
    const closed = once(stalled, 'close');
    await once(stalled, 'connect');
    // Connections are taken in order: once this one is served, the stalled one is known.
    await ask();
    await broker!.stop();
    broker = undefined;
    await closed;
    expect(failures).toEqual([]);
  });
});
