import { TooManyConnections } from '../../src/kafka/broker/server/too-many-connections.js';
import { eventually } from '../support/eventually.js';
import { batchOf, FETCH, fetchBody, PRODUCE, produce, produceBody } from './support/batches.js';
import {
  brokerUnderTest,
  embeddedBroker,
  isForeign,
  type BrokerUnderTest,
} from './support/broker-under-test.js';
import { unique } from './support/names.js';
import { encodeRequest, RawClient } from './support/raw-client.js';
import { ALICE, API_VERSIONS, logIn } from './support/sasl.js';
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

embedded('a broker with little memory, and fetches that wait', () => {
  let small: BrokerUnderTest;
  let waiting: RawClient;
  let modest: RawClient;
  beforeEach(async () => {
    small = await embeddedBroker({ maxHeldBytes: 100_000 });
    [waiting, modest] = [await RawClient.open(small), await RawClient.open(small)];
  });
  afterEach(async () => {
    for (const client of [waiting, modest]) client.close();
    await small.stop();
  });

  it('counts what comes behind one, however little it is', async () => {
    const topic = await createTopic(modest);
    const next = encodeRequest(METADATA, 7, 2, { topics: [] });
    waiting.send(FETCH, 11, fetchBody(topic, { maxWaitMs: 600_000 }));
    waiting.socket.write(Buffer.concat([next, Buffer.alloc(10_000)]));
    await waiting.closed;
    expect(await modest.request(METADATA, 7, { topics: [] })).toMatchObject({ topics: [] });
  });

  it('counts what one takes until it is answered', async () => {
    const topic = await createTopic(modest, { partitions: 300 });
    const all = Array.from({ length: 300 }, (_, partition) => partition);
    const few = modest.send(FETCH, 11, fetchBody(topic, { maxWaitMs: 600_000 }));
    const many = { maxWaitMs: 600_000, partitions: all };
    waiting.send(FETCH, 11, fetchBody(topic, many));
    await waiting.closed;
    const other = await RawClient.open(small);
    for (let i = 0; i < 5; i++) {
      await other.request(FETCH, 11, fetchBody(topic, { partitions: all.slice(0, 200) }));
    }
    await produce(other, topic, batchOf(['a']));
    expect(await modest.receive(FETCH, 11, few)).toMatchObject({ errorCode: 0 });
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

embedded('a broker with few connections', () => {
  const users = { [ALICE.username]: ALICE.password };
  let small: BrokerUnderTest;
  afterEach(() => small.stop());

  const open = (): Promise<RawClient> => RawClient.open(small);
  const served = (client: RawClient): Promise<unknown> =>
    client.request(METADATA, 7, { topics: [] });
  const nothing = expect.objectContaining({ topics: [] });

  it('lets go of who waited longest without saying who it is', async () => {
    small = await embeddedBroker({ maxConnections: 3, sasl: { users } });
    const client = await open();
    await logIn(client, 'PLAIN');
    const strangers = [await open(), await open()];
    const late = await open();
    await strangers[0]!.closed;
    await logIn(late, 'PLAIN');
    await logIn(strangers[1]!, 'PLAIN');
    const tooLate = await open();
    await tooLate.closed;
    const answers = await Promise.all([client, strangers[1]!, late].map(served));
    expect(answers).toEqual([nothing, nothing, nothing]);
    strangers[1]!.close();
    await strangers[1]!.closed;
    const next = async (): Promise<number> => {
      const newcomer = await open();
      const refused = newcomer.closed.then(() => ({ errorCode: -1 }));
      const { errorCode } = await Promise.race([
        logIn(newcomer, 'PLAIN').catch(() => refused),
        refused,
      ]);
      newcomer.close();
      return errorCode;
    };
    expect(await eventually(next, (errorCode) => errorCode === 0)).toBe(0);
    for (const each of [client, late]) each.close();
  });

  it('lets go of who comes where nobody has to say who it is', async () => {
    const failures: unknown[] = [];
    small = await embeddedBroker({
      maxConnections: 1,
      onConnectionFailure: (error) => failures.push(error),
    });
    const client = await open();
    expect(await served(client)).toEqual(nothing);
    await (
      await open()
    ).closed;
    expect(await served(client)).toEqual(nothing);
    expect(failures).toEqual([expect.any(TooManyConnections)]);
    client.close();
  });

  it('lets go of who does not say in time who it is, whatever it says meanwhile', async () => {
    small = await embeddedBroker({ maxAuthenticationMs: 3_000, sasl: { users } });
    const client = await open();
    await logIn(client, 'PLAIN');
    const stranger = await open();
    const talk = setInterval(() => stranger.send(API_VERSIONS, 0, {}), 20);
    await stranger.closed;
    clearInterval(talk);
    expect(await served(client)).toEqual(nothing);
    client.close();
  });
});
