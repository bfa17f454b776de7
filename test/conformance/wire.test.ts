import { connect } from 'node:net';
import {
  batchOf,
  fetchBody,
  FETCH,
  fetchOne,
  PRODUCE,
  produce,
  produceBody,
} from './support/batches.js';
import type { BrokerUnderTest } from './support/broker-under-test.js';
import { unique } from './support/names.js';
import { withOneBroker } from './support/one-broker.js';
import { encodeRequest, RawClient } from './support/raw-client.js';
import { createTopic } from './support/topics.js';

const API_VERSIONS = 18;
const METADATA = 3;
const UNSUPPORTED_VERSION = 35;
const CLIENT_SOFTWARE = { clientSoftwareName: 'raw', clientSoftwareVersion: '1.0' };

interface ApiVersions {
  readonly errorCode: number;
  readonly apiKeys: ReadonlyArray<{ apiKey: number; minVersion: number; maxVersion: number }>;
}

let broker: BrokerUnderTest;
let client: RawClient;
// What came together is on the disk only later.
withOneBroker((started) => ({ broker, client } = started), { fsync: 'always' });

/** Ranges that today's clients need (Java 3.x and 4.x, librdkafka 2, franz-go, kafkajs). */
const NEEDED: readonly (readonly [key: number, min: number, max: number])[] = [
  [0, 3, 7],
  [1, 4, 12],
  [2, 1, 7],
  [3, 0, 12],
  [8, 2, 8],
  [9, 1, 8],
  [10, 0, 4],
  [11, 0, 6],
  [12, 0, 4],
  [13, 0, 4],
  [14, 0, 4],
  [15, 0, 5],
  [16, 0, 4],
  [18, 0, 3],
  [19, 2, 7],
  [20, 1, 6],
  [21, 0, 2],
  [22, 0, 3],
  [23, 2, 4],
  [32, 1, 2],
  [33, 0, 2],
  [37, 0, 1],
  [42, 0, 2],
  [44, 0, 1],
  [47, 0, 0],
  [55, 0, 2],
  [60, 0, 0],
];

describe('versions', () => {
  it('serves the ranges that clients need', async () => {
    const { apiKeys } = await client.request<ApiVersions>(API_VERSIONS, 3, CLIENT_SOFTWARE);
    const served = new Map(apiKeys.map((api) => [api.apiKey, api]));
    const missing = NEEDED.filter(([key, min, max]) => {
      const range = served.get(key);
      return !range || range.minVersion > min || range.maxVersion < max;
    });
    expect(missing).toEqual([]);
  });

  it('answers ApiVersions of the future in version 0, with what it can do instead', async () => {
    const other = await RawClient.open(broker);
    const frame = encodeRequest(API_VERSIONS, 3, 77, CLIENT_SOFTWARE);
    frame.writeInt16BE(99, 6);
    other.socket.write(frame);
    const answer = await other.receive<ApiVersions>(API_VERSIONS, 0, 77);
    expect(answer.errorCode).toBe(UNSUPPORTED_VERSION);
    expect(answer.apiKeys.find(({ apiKey }) => apiKey === API_VERSIONS)).toBeDefined();
    expect((await other.request<ApiVersions>(API_VERSIONS, 0, {})).errorCode).toBe(0);
    other.close();
  });
});

describe('pipelining', () => {
  it('answers in the order of the requests', async () => {
    const topic = await createTopic(client);
    const sent = Array.from({ length: 50 }, (_, i) => {
      const api = i % 5 === 4 ? METADATA : PRODUCE;
      const body = i % 5 === 4 ? { topics: [] } : produceBody(topic, batchOf([`v${i}`]));
      return { api, id: client.send(api, 7, body) };
    });
    for (const { api, id } of sent) await client.receive(api, 7, id);
    const { values } = await fetchOne(client, topic);
    expect(values).toEqual(sent.flatMap(({ api }, i) => (api === PRODUCE ? [`v${i}`] : [])));
  });

  it('lets a request behind a waiting fetch wait too', async () => {
    const topic = await createTopic(client);
    const other = await RawClient.open(broker);
    const fetch = other.send(FETCH, 11, fetchBody(topic, { maxWaitMs: 20_000 }));
    const metadata = other.send(METADATA, 7, { topics: [] });
    await produce(client, topic, batchOf(['a']));
    await other.receive(FETCH, 11, fetch);
    expect(await other.receive(METADATA, 7, metadata)).toMatchObject({ topics: [] });
    other.close();
  });

  it('does not answer a produce without acks, and answers what follows it', async () => {
    const topic = await createTopic(client);
    client.send(PRODUCE, 7, produceBody(topic, batchOf(['unheard']), 0));
    const id = client.send(FETCH, 11, fetchBody(topic, { maxWaitMs: 5000 }));
    await client.receive(FETCH, 11, id);
    expect((await fetchOne(client, topic)).values).toEqual(['unheard']);
  });
});

describe('bad peers', () => {
  const nonsense: readonly (readonly [string, Buffer])[] = [
    ['another protocol', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ['a negative length', Buffer.from('ffffffff00120000', 'hex')],
    ['a length beyond the limit', Buffer.from('7fffffff00120000', 'hex')],
    ['an empty frame', Buffer.from('00000000', 'hex')],
    ['an unknown api key', Buffer.from('0000000a03e70000000000010000', 'hex')],
    ['a version that is not served', Buffer.from('0000000a0003007f000000010000', 'hex')],
    ['a body cut short', cutShort(METADATA, { topics: [{ name: 'a-topic' }] })],
    ['records cut short', cutShort(PRODUCE, produceBody('a-topic', batchOf(['a'])))],
  ];

  it.each(nonsense)('closes the connection that sends %s, and no other', async (_name, bytes) => {
    const bad = await RawClient.open(broker);
    bad.socket.write(bytes);
    await bad.closed;
    const answer = await client.request<ApiVersions>(API_VERSIONS, 0, {});
    expect(answer.errorCode).toBe(0);
  });

  it.each(nonsense)('are answered what came before %s', async (_name, bytes) => {
    const topic = await createTopic(client);
    const bad = await RawClient.open(broker);
    const requests = [1, 2].map((id) =>
      encodeRequest(PRODUCE, 7, id, produceBody(topic, batchOf([`v${id}`]))),
    );
    bad.socket.write(Buffer.concat([...requests, bytes]));
    for (const id of [1, 2]) await bad.receive(PRODUCE, 7, id);
    await bad.closed;
    expect((await fetchOne(client, topic)).values).toEqual(['v1', 'v2']);
  });

  it('are answered what came before a produce without acks that fails', async () => {
    const topic = await createTopic(client);
    const bad = await RawClient.open(broker);
    const requests = [
      encodeRequest(PRODUCE, 7, 1, produceBody(topic, batchOf(['v1']), 1)),
      encodeRequest(PRODUCE, 7, 2, produceBody(unique('topic'), Buffer.alloc(0), 0)),
    ];
    bad.socket.write(Buffer.concat(requests));
    await bad.receive(PRODUCE, 7, 1);
    await bad.closed;
    expect((await fetchOne(client, topic)).values).toEqual(['v1']);
  });

  it('goes on serving others while a client never reads', async () => {
    const topic = await createTopic(client);
    for (let i = 0; i < 8; i++) await produce(client, topic, batchOf(['x'.repeat(900_000)]));
    const deaf = connect({ host: broker.host, port: broker.port });
    deaf.on('error', () => deaf.destroy());
    deaf.pause();
    const body = fetchBody(topic, { partitionMaxBytes: 50_000_000 });
    for (let i = 0; i < 50; i++) deaf.write(encodeRequest(FETCH, 11, i, body));
    const answer = await fetchOne(client, topic);
    expect(answer.errorCode).toBe(0);
    expect((await produce(client, topic, batchOf(['still here']))).errorCode).toBe(0);
    deaf.destroy();
  });
});

/** A request of which the last bytes are missing, in a frame of its own length. */
function cutShort(key: number, body: Record<string, unknown>): Buffer {
  const whole = encodeRequest(key, 7, 1, body);
  const cut = Buffer.from(whole.subarray(0, whole.length - 6));
  cut.writeInt32BE(cut.length - 4, 0);
  return cut;
}
