import { batchOf, PRODUCE, produceBody } from './support/batches.js';
import {
  brokerUnderTest,
  embeddedBroker,
  isForeign,
  type BrokerUnderTest,
} from './support/broker-under-test.js';
import { unique } from './support/names.js';
import { encodeRequest, RawClient } from './support/raw-client.js';
import { ALICE, logIn } from './support/sasl.js';
import { createTopic } from './support/topics.js';

const METADATA = 3;

/** Other brokers are told their bounds in other ways. */
const embedded = isForeign ? describe.skip : describe;

let broker: BrokerUnderTest;

beforeAll(async () => {
  broker = await brokerUnderTest({ maxHeldBytes: 2_000_000 });
});
afterAll(() => broker.stop());

embedded('a broker with little memory', () => {
  it('closes the connection that holds most of it, and serves the others', async () => {
    const modest = await RawClient.open(broker);
    const greedy = await Promise.all([1, 2, 3].map(() => RawClient.open(broker)));
    const announced = Buffer.alloc(4);
    announced.writeInt32BE(50_000_000);
    for (const client of greedy)
      client.socket.write(Buffer.concat([announced, Buffer.alloc(900_000)]));
    await Promise.race(greedy.map(({ closed }) => closed));
    const answer = await modest.request(METADATA, 7, { topics: [] });
    expect(answer).toMatchObject({ topics: [] });
    for (const client of [modest, ...greedy]) client.close();
  });

  it('closes a connection that sends a list too long to hold', async () => {
    const client = await RawClient.open(broker);
    const topics = Array.from({ length: 300_000 }, () => ({ name: '' }));
    client.socket.write(encodeRequest(METADATA, 7, 1, { topics }));
    await client.closed;
    const other = await RawClient.open(broker);
    const name = unique('topic');
    const answer = await other.request(METADATA, 7, { topics: [{ name }] });
    expect(answer).toMatchObject({ topics: [{ name }] });
    other.close();
  });
});

embedded('a broker with little memory that asks who its clients are', () => {
  it('lets go of who has yet to say it, and not of a client that holds much more', async () => {
    const users = { [ALICE.username]: ALICE.password };
    const guarded = await embeddedBroker({ maxHeldBytes: 2_000_000, sasl: { users } });
    const client = await RawClient.open(guarded);
    await logIn(client, 'PLAIN');
    const topic = await createTopic(client);
    const body = produceBody(topic, batchOf(['x'.repeat(900_000)]));
    const request = encodeRequest(PRODUCE, 7, 1, body);
    client.socket.write(request.subarray(0, 800_000));
    const strangers = await Promise.all([1, 2, 3].map(() => RawClient.open(guarded)));
    const announced = Buffer.alloc(4);
    announced.writeInt32BE(500_000);
    for (const stranger of strangers)
      stranger.socket.write(Buffer.concat([announced, Buffer.alloc(100_000)]));
    await Promise.race(strangers.map(({ closed }) => closed));
    client.socket.write(request.subarray(800_000));
    expect(await client.receive(PRODUCE, 7)).toMatchObject({
      responses: [{ partitionResponses: [{ errorCode: 0 }] }],
    });
    for (const each of [client, ...strangers]) each.close();
    await guarded.stop();
  });
});
