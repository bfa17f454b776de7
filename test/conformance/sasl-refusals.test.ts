import { MECHANISMS } from '../../src/kafka/broker/security/mechanism.js';
import { batchOf, produceBody, PRODUCE } from './support/batches.js';
import type { BrokerUnderTest } from './support/broker-under-test.js';
import { encodeRequest, RawClient } from './support/raw-client.js';
import {
  API_VERSIONS,
  authenticate,
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

withSasl('a client that has not authenticated', () => {
  beforeEach(async () => {
    client = await RawClient.open(broker);
  });
  afterEach(() => client.close());

  it('may ask what is served, and choose a mechanism', async () => {
    expect(await client.request(API_VERSIONS, 0, {})).toMatchObject({ errorCode: 0 });
    const { errorCode, mechanisms } = await handshake(client, 'SCRAM-SHA-256');
    expect(errorCode).toBe(0);
    expect([...mechanisms].sort()).toEqual([...MECHANISMS]);
  });

  it.each([
    ['Metadata', encodeRequest(METADATA, 7, 1, NO_TOPICS)],
    [
      'a token without a handshake',
      encodeRequest(36, 1, 1, { authBytes: Buffer.from(plainToken()) }),
    ],
    ['a bare token without a handshake', framed(plainToken())],
    ['a frame beyond 512 KiB', Buffer.from('00080001', 'hex')],
    ['a frame of nothing', framed('')],
    ['another protocol', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ])('is not answered, but let go: %s', async (_case, bytes) => {
    client.socket.write(bytes);
    await expect(client.nextFrame()).rejects.toThrow('closed');
  });

  it('is let go after it chose a mechanism that is not offered', async () => {
    const { errorCode, mechanisms } = await handshake(client, 'GSSAPI');
    expect(errorCode).toBe(SASL_ERROR.UNSUPPORTED_SASL_MECHANISM);
    expect([...mechanisms].sort()).toEqual([...MECHANISMS]);
    await client.closed;
  });

  it('is let go after a second handshake', async () => {
    await handshake(client, 'PLAIN');
    expect(await handshake(client, 'PLAIN')).toEqual({
      errorCode: SASL_ERROR.ILLEGAL_SASL_STATE,
      mechanisms: [],
    });
    await client.closed;
  });

  it.each([METADATA, API_VERSIONS])('is let go when it asks %i for a token', async (key) => {
    await handshake(client, 'PLAIN');
    client.socket.write(encodeRequest(key, 0, 1, NO_TOPICS));
    await expect(client.closed).resolves.toBeUndefined();
  });

  it.each(MECHANISMS.flatMap((mechanism) => WRONG.map((wrong) => [mechanism, ...wrong] as const)))(
    'is answered and let go: %s with %s',
    async (mechanism, _case, who) => {
      const answer = await logIn(client, mechanism, who);
      expect(answer.errorCode).toBe(SASL_ERROR.SASL_AUTHENTICATION_FAILED);
      expect(answer.errorMessage).not.toContain(who.username);
      await client.closed;
    },
  );

  it.each(
    MECHANISMS.flatMap((mechanism) =>
      ['', 'garbage', '\0\0\0\0', 'n,,n=alice,r='].map((token) => [mechanism, token] as const),
    ),
  )('is answered and let go: %s with the token %j', async (mechanism, token) => {
    await handshake(client, mechanism);
    const answer = await authenticate(client, token);
    expect(answer.errorCode).toBe(SASL_ERROR.SASL_AUTHENTICATION_FAILED);
    expect(answer.authBytes).toHaveLength(0);
    await client.closed;
  });

  it.each(SCRAMS)('is answered and let go: a last token of %s that is none', async (mechanism) => {
    await beginScram(client, mechanism);
    const { errorCode } = await authenticate(client, 'c=biws,r=client-nonce,p=AAAA');
    expect(errorCode).toBe(SASL_ERROR.SASL_AUTHENTICATION_FAILED);
    await client.closed;
  });

  it('is not heard after it has failed', async () => {
    const watcher = await RawClient.open(broker);
    await logIn(watcher, 'PLAIN');
    const topic = await createTopic(watcher);
    await handshake(client, 'PLAIN');
    client.socket.write(
      Buffer.concat([
        encodeRequest(36, 1, 1, { authBytes: Buffer.from(plainToken(WRONG[0][1])) }),
        encodeRequest(PRODUCE, 7, 2, produceBody(topic, batchOf(['smuggled']))),
      ]),
    );
    expect(await client.receive(36, 1)).toMatchObject({
      errorCode: SASL_ERROR.SASL_AUTHENTICATION_FAILED,
    });
    await expect(client.nextFrame()).rejects.toThrow('closed');
    const body = produceBody(topic, batchOf(['first']));
    expect(await watcher.request(PRODUCE, 7, body)).toMatchObject({
      responses: [{ partitionResponses: [{ baseOffset: 0 }] }],
    });
    watcher.close();
  });
});
