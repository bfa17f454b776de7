import { eventually } from '../support/eventually.js';
import { encodeBatch } from '../../src/kafka/broker/records/encode-batch.js';
import { batchOf, fetchOne, produce } from './support/batches.js';
import { offsetAt as ask, type OffsetAnswer, type OffsetQuestion } from './support/offsets.js';
import { withOneBroker } from './support/one-broker.js';
import type { RawClient } from './support/raw-client.js';
import { createTopic, metadataOf } from './support/topics.js';
import { TransactionalProducer } from './support/transactional-producer.js';

const INIT_PRODUCER_ID = 22;
const OFFSET_FOR_LEADER_EPOCH = 23;
const LATEST = -1;
const EARLIEST = -2;
const LARGEST_TIME = -3;
const EARLIEST_LOCAL = -4;
const LATEST_TIERED = -5;
const EARLIEST_PENDING_UPLOAD = -6;
const ERROR = {
  CORRUPT_MESSAGE: 2,
  UNSUPPORTED_VERSION: 35,
  OUT_OF_ORDER_SEQUENCE_NUMBER: 45,
  FENCED_LEADER_EPOCH: 74,
  UNKNOWN_LEADER_EPOCH: 75,
} as const;

let client: RawClient;
withOneBroker((started) => ({ client } = started));

const offsetAt = (
  topic: string,
  timestamp: number,
  question: Omit<OffsetQuestion, 'timestamp'> = {},
): Promise<OffsetAnswer> => ask(client, topic, { timestamp, ...question });

function timed(times: readonly number[], codec = 0): Buffer {
  return encodeBatch(
    times.map((timestamp) => ({ key: null, value: Buffer.from(`at ${timestamp}`), timestamp })),
    { codec },
  );
}

describe('offsets by time', () => {
  const base = Date.now() - 100_000;

  it.each([
    ['plain', 0],
    ['compressed', 1],
  ])('finds the first record at or after a time, within %s batches', async (_name, codec) => {
    const topic = await createTopic(client);
    await produce(client, topic, timed([base + 10, base + 20, base + 30], codec));
    await produce(client, topic, timed([base + 40, base + 50], codec));
    const found = async (time: number): Promise<number> => (await offsetAt(topic, time)).offset;
    expect(await found(base)).toBe(0);
    expect(await found(base + 11)).toBe(1);
    expect(await found(base + 30)).toBe(2);
    expect(await found(base + 31)).toBe(3);
    expect(await found(base + 50)).toBe(4);
    expect(await found(base + 51)).toBe(-1);
    expect(await offsetAt(topic, base + 15)).toMatchObject({ offset: 1, timestamp: base + 20 });
  });

  it('knows start, end and the largest time', async () => {
    const topic = await createTopic(client);
    expect((await offsetAt(topic, LATEST)).offset).toBe(0);
    expect((await offsetAt(topic, EARLIEST)).offset).toBe(0);
    expect((await offsetAt(topic, base)).offset).toBe(-1);
    await produce(client, topic, timed([base + 10, base + 90, base + 30]));
    expect((await offsetAt(topic, LATEST)).offset).toBe(3);
    expect((await offsetAt(topic, EARLIEST)).offset).toBe(0);
    expect(await offsetAt(topic, LARGEST_TIME)).toMatchObject({ offset: 1, timestamp: base + 90 });
  });

  it.each([
    [LARGEST_TIME, 6, ERROR.UNSUPPORTED_VERSION],
    [LARGEST_TIME, 7, 0],
    [EARLIEST_LOCAL, 7, ERROR.UNSUPPORTED_VERSION],
    [EARLIEST_LOCAL, 8, 0],
    [LATEST_TIERED, 8, ERROR.UNSUPPORTED_VERSION],
    [LATEST_TIERED, 9, 0],
    [EARLIEST_PENDING_UPLOAD, 10, ERROR.UNSUPPORTED_VERSION],
    [EARLIEST_PENDING_UPLOAD, 11, 0],
    [-7, 11, ERROR.UNSUPPORTED_VERSION],
  ])('knows the special time %i in version %i: %i', async (time, version, errorCode) => {
    const topic = await createTopic(client);
    expect(await offsetAt(topic, time, { version })).toMatchObject({ errorCode });
  });

  it('ends before an open transaction for who reads committed records', async () => {
    const topic = await createTopic(client);
    await produce(client, topic, timed([base + 10]));
    const producer = await new TransactionalProducer(client).initialise();
    await producer.addPartitions(topic);
    expect(await producer.send(topic, 'open', 'too')).toBe(0);
    const ends = (time: number) =>
      Promise.all(
        [0, 1].map(
          async (level) => (await offsetAt(topic, time, { isolationLevel: level })).offset,
        ),
      );
    expect(await ends(LATEST)).toEqual([3, 1]);
    expect(await ends(base + 11)).toEqual([1, -1]);
    expect(await ends(base + 10)).toEqual([0, 0]);
    expect(await producer.end(true)).toBe(0);
    await eventually(
      () => ends(LATEST),
      ([all, committed]) => all === 4 && committed === 4,
    );
  });

  it('refuses a leader epoch that is not the present one', async () => {
    const topic = await createTopic(client);
    const { leaderEpoch } = (await metadataOf(client, topic)).partitions[0]!;
    expect((await offsetAt(topic, LATEST, { currentLeaderEpoch: leaderEpoch })).errorCode).toBe(0);
    expect((await offsetAt(topic, LATEST, { currentLeaderEpoch: leaderEpoch + 1 })).errorCode).toBe(
      ERROR.UNKNOWN_LEADER_EPOCH,
    );
  });
});

describe('leader epochs', () => {
  it('tells where the present epoch ends', async () => {
    const topic = await createTopic(client);
    await produce(client, topic, batchOf(['a', 'b']));
    const { leaderEpoch } = (await metadataOf(client, topic)).partitions[0]!;
    const { topics } = await client.request<{
      topics: ReadonlyArray<{ partitions: ReadonlyArray<Record<string, number>> }>;
    }>(OFFSET_FOR_LEADER_EPOCH, 4, {
      replicaId: -1,
      topics: [{ topic, partitions: [{ partition: 0, currentLeaderEpoch: -1, leaderEpoch }] }],
    });
    expect(topics[0]!.partitions[0]).toMatchObject({ errorCode: 0, leaderEpoch, endOffset: 2 });
  });
});

describe('an idempotent producer', () => {
  const newProducer = async (): Promise<number> => {
    const answer = await client.request<{ producerId: number }>(INIT_PRODUCER_ID, 1, {
      transactionalId: null,
      transactionTimeoutMs: 60_000,
    });
    return answer.producerId;
  };

  it('gets an id of its own', async () => {
    expect(await newProducer()).not.toBe(await newProducer());
  });

  it('may send a batch again, which is stored once, but not skip one', async () => {
    const topic = await createTopic(client);
    const producerId = await newProducer();
    const batch = (value: string, baseSequence: number): Buffer =>
      batchOf([value], { producerId, producerEpoch: 0, baseSequence });
    expect(await produce(client, topic, batch('a', 0))).toMatchObject({ baseOffset: 0 });
    expect(await produce(client, topic, batch('b', 1))).toMatchObject({ baseOffset: 1 });
    expect(await produce(client, topic, batch('b', 1))).toMatchObject({
      errorCode: 0,
      baseOffset: 1,
    });
    const skipped = await produce(client, topic, batch('d', 3));
    expect(skipped.errorCode).toBe(ERROR.OUT_OF_ORDER_SEQUENCE_NUMBER);
    expect((await fetchOne(client, topic)).values).toEqual(['a', 'b']);
  });
});

describe('a damaged batch', () => {
  it('is refused, and nothing of it is stored', async () => {
    const topic = await createTopic(client);
    const batch = batchOf(['whole']);
    batch[batch.length - 3]! ^= 1;
    expect((await produce(client, topic, batch)).errorCode).toBe(ERROR.CORRUPT_MESSAGE);
    expect((await fetchOne(client, topic)).highWatermark).toBe(0);
  });
});
