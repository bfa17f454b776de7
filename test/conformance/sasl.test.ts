import { Kafka, KafkaJSSASLAuthenticationError, logLevel, type SASLOptions } from 'kafkajs';
import { MECHANISMS } from '../../src/kafka/broker/security/mechanism.js';
import { ScramClient } from '../../src/kafka/broker/security/testing/scram-client.js';
import { batchOf, produceBody, PRODUCE } from './support/batches.js';
import { brokerUnderTest, type BrokerUnderTest } from './support/broker-under-test.js';
import { encodeRequest, RawClient } from './support/raw-client.js';
import { roundTrip } from './support/round-trip.js';
import {
  ALICE,
  authenticate,
  authenticateBare,
  beginScram,
  framed,
  handshake,
  logIn,
  METADATA,
  NO_TOPICS,
  plainToken,
  SASL_ERROR,
  SCRAMS,
  withSasl,
  withSaslBroker,
  WRONG,
} from './support/sasl.js';
import { createTopic } from './support/topics.js';

let broker: BrokerUnderTest;
let client: RawClient;
withSaslBroker((started) => (broker = started));

withSasl('kafkajs', () => {
  const kafkaOf = (mechanism: string, who = ALICE): Kafka =>
    new Kafka({
      brokers: broker.brokers,
      logLevel: logLevel.NOTHING,
      sasl: { mechanism: mechanism.toLowerCase(), ...who } as SASLOptions,
    });

  it.each(MECHANISMS)('writes and reads after %s', async (mechanism) => {
    expect(await roundTrip(kafkaOf(mechanism))).toBe('there and back');
  });

  it.each(MECHANISMS.flatMap((mechanism) => WRONG.map((wrong) => [mechanism, ...wrong] as const)))(
    'is turned away by %s with %s',
    async (mechanism, _case, who) => {
      const admin = kafkaOf(mechanism, who).admin();
      await expect(admin.connect()).rejects.toThrow(KafkaJSSASLAuthenticationError);
      await admin.disconnect();
    },
  );
});

withSasl('a client that authenticates', () => {
  beforeEach(async () => {
    client = await RawClient.open(broker);
  });
  afterEach(() => client.close());

  it.each(MECHANISMS)('may do everything then: %s', async (mechanism) => {
    const { errorCode, sessionLifetimeMs } = await logIn(client, mechanism);
    expect([errorCode, sessionLifetimeMs]).toEqual([0, 0]);
    const topic = await createTopic(client);
    // Longer than what may come before.
    const batch = batchOf(['x'.repeat(600_000)]);
    expect(await client.request(PRODUCE, 7, produceBody(topic, batch))).toMatchObject({
      responses: [{ partitionResponses: [{ errorCode: 0 }] }],
    });
  });

  it.each(SCRAMS)('learns that the broker has its keys: %s', async (mechanism) => {
    const { scram, serverFirst } = await beginScram(client, mechanism);
    const { message, answer } = scram.last(serverFirst.authBytes);
    expect((await authenticate(client, message)).authBytes.toString()).toBe(answer);
  });

  it.each([0, 1, 2])('is answered in the version it speaks: %i', async (version) => {
    await handshake(client, 'PLAIN');
    const answer = await authenticate(client, plainToken(), version);
    expect(answer).toMatchObject({ errorCode: 0, errorMessage: '', sessionLifetimeMs: 0 });
  });

  it('may name itself as authorization id, and nobody else', async () => {
    await handshake(client, 'PLAIN');
    const { username } = ALICE;
    expect((await authenticate(client, username + plainToken())).errorCode).toBe(0);
    const other = await RawClient.open(broker);
    await handshake(other, 'PLAIN');
    const refused = await authenticate(other, `mallory${plainToken()}`);
    expect(refused.errorCode).toBe(SASL_ERROR.SASL_AUTHENTICATION_FAILED);
    await other.closed;
  });

  it('may go on without waiting for the answer', async () => {
    client.send(17, 1, { mechanism: 'PLAIN' });
    client.send(36, 1, { authBytes: Buffer.from(plainToken()) });
    client.send(METADATA, 7, NO_TOPICS);
    expect(await client.receive(17, 1, 1)).toMatchObject({ errorCode: 0 });
    expect(await client.receive(36, 1, 2)).toMatchObject({ errorCode: 0 });
    expect(await client.receive(METADATA, 7, 3)).toMatchObject(NO_TOPICS);
  });

  it('cannot do so twice, but stays', async () => {
    await logIn(client, 'PLAIN');
    expect(await handshake(client, 'PLAIN')).toEqual({
      errorCode: SASL_ERROR.ILLEGAL_SASL_STATE,
      mechanisms: [],
    });
    expect((await authenticate(client, plainToken())).errorCode).toBe(
      SASL_ERROR.ILLEGAL_SASL_STATE,
    );
    expect(await client.request(METADATA, 7, NO_TOPICS)).toMatchObject(NO_TOPICS);
  });
});

withSasl('bare tokens, after a handshake of version 0', () => {
  beforeEach(async () => {
    client = await RawClient.open(broker);
  });
  afterEach(() => client.close());

  it('let a client in by PLAIN', async () => {
    expect((await handshake(client, 'PLAIN', 0)).errorCode).toBe(0);
    expect(await authenticateBare(client, plainToken())).toHaveLength(0);
    expect(await client.request(METADATA, 7, NO_TOPICS)).toMatchObject(NO_TOPICS);
  });

  it('let a client in by SCRAM', async () => {
    await handshake(client, 'SCRAM-SHA-512', 0);

    const scram = new ScramClient('SCRAM-SHA-512', ALICE.username, ALICE.password);
    const { message, answer } = scram.last(await authenticateBare(client, scram.first()));
    expect((await authenticateBare(client, message)).toString()).toBe(answer);
    expect(await client.request(METADATA, 7, NO_TOPICS)).toMatchObject(NO_TOPICS);
  });

  it.each([
    ['a wrong password', framed(plainToken(WRONG[0][1]))],
    ['nothing', framed('')],
    ['a token in a request', encodeRequest(36, 1, 1, { authBytes: Buffer.from(plainToken()) })],
    ['more than 512 KiB', framed(Buffer.alloc(524_289))],
  ])('are not answered when they are wrong: %s', async (_case, bytes) => {
    await handshake(client, 'PLAIN', 0);
    client.socket.write(bytes);
    await expect(client.nextFrame()).rejects.toThrow('closed');
  });
});

describe('a broker without SASL', () => {
  it('answers that there is none, and goes on', async () => {
    const plain = await brokerUnderTest();
    client = await RawClient.open(plain);
    expect(await handshake(client, 'PLAIN')).toEqual({
      errorCode: SASL_ERROR.ILLEGAL_SASL_STATE,
      mechanisms: [],
    });
    expect((await authenticate(client, plainToken())).errorCode).toBe(
      SASL_ERROR.ILLEGAL_SASL_STATE,
    );
    expect(await client.request(METADATA, 7, NO_TOPICS)).toMatchObject(NO_TOPICS);
    client.close();
    await plain.stop();
  });
});
