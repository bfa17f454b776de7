import { fetchOne } from './support/batches.js';
import { isForeign } from './support/broker-under-test.js';
import { withOneBroker } from './support/one-broker.js';
import type { RawClient } from './support/raw-client.js';
import { createTopic } from './support/topics.js';
import { TransactionalProducer } from './support/transactional-producer.js';

const WRITE_TXN_MARKERS = 27;
const DESCRIBE_PRODUCERS = 61;
const ERROR = {
  UNKNOWN_TOPIC_OR_PARTITION: 3,
  INVALID_PRODUCER_EPOCH: 47,
  TRANSACTION_COORDINATOR_FENCED: 52,
} as const;
/** Of markers; no coordinator of a young broker has so high a one. */
const COORDINATOR_EPOCH = 1_000;

let client: RawClient;
withOneBroker((started) => ({ client } = started));

/** A topic with a transaction that is open there, of a producer in its second epoch. */
async function openTransaction(): Promise<{ topic: string; producer: TransactionalProducer }> {
  const topic = await createTopic(client);
  const former = await new TransactionalProducer(client).initialise();
  const producer = await new TransactionalProducer(client, former.transactionalId).initialise();
  await producer.addPartitions(topic);
  expect(await producer.send(topic, 'open')).toBe(0);
  return { topic, producer };
}

interface Marker {
  readonly topic: string;
  readonly producer: { readonly producerId: number; readonly producerEpoch: number };
  readonly partitions?: readonly number[];
  readonly coordinatorEpoch?: number;
}

interface Answer {
  readonly partitionIndex: number;
  readonly errorCode: number;
}

/** Asks for abort markers. */
async function abortIn({
  topic,
  producer: { producerId, producerEpoch },
  partitions = [0],
  coordinatorEpoch = COORDINATOR_EPOCH,
}: Marker): Promise<readonly Answer[]> {
  const { markers } = await client.request<{
    markers: ReadonlyArray<{ topics: ReadonlyArray<{ partitions: readonly Answer[] }> }>;
  }>(WRITE_TXN_MARKERS, 1, {
    markers: [
      {
        producerId,
        producerEpoch,
        transactionResult: false,
        topics: [{ name: topic, partitionIndexes: partitions }],
        coordinatorEpoch,
      },
    ],
  });
  return markers[0]!.topics[0]!.partitions;
}

/** Asks for one; gives the error code. */
async function abort(marker: Marker): Promise<number> {
  const [answer] = await abortIn(marker);
  return answer!.errorCode;
}

async function activeProducers(topic: string): Promise<readonly Record<string, number>[]> {
  const { topics } = await client.request<{
    topics: ReadonlyArray<{
      partitions: ReadonlyArray<{ activeProducers: readonly Record<string, number>[] }>;
    }>;
  }>(DESCRIBE_PRODUCERS, 0, { topics: [{ name: topic, partitionIndexes: [0] }] });
  return topics[0]!.partitions[0]!.activeProducers;
}

describe('a marker that an administrator writes', () => {
  it('ends the transaction on the partition, once or more often', async () => {
    const { topic, producer } = await openTransaction();
    expect(await abort({ topic, producer })).toBe(0);
    expect(await activeProducers(topic)).toMatchObject([
      { currentTxnStartOffset: -1, coordinatorEpoch: COORDINATOR_EPOCH },
    ]);
    expect(await abort({ topic, producer })).toBe(0);
    const { lastStableOffset, highWatermark } = await fetchOne(client, topic);
    expect([lastStableOffset, highWatermark]).toEqual([3, 3]);
  });

  it('is refused in an epoch that the producer no longer has', async () => {
    const { topic, producer } = await openTransaction();
    const former = { ...producer, producerEpoch: producer.producerEpoch - 1 };
    expect(await abort({ topic, producer: former })).toBe(ERROR.INVALID_PRODUCER_EPOCH);
    expect(await activeProducers(topic)).toMatchObject([{ currentTxnStartOffset: 0 }]);
  });

  it('is refused of a coordinator that has a successor', async () => {
    const { topic, producer } = await openTransaction();
    expect(await abort({ topic, producer })).toBe(0);
    const coordinatorEpoch = COORDINATOR_EPOCH - 1;
    expect(await abort({ topic, producer, coordinatorEpoch })).toBe(
      ERROR.TRANSACTION_COORDINATOR_FENCED,
    );
  });

  it('is refused for a partition that there is not', async () => {
    const { topic, producer } = await openTransaction();
    expect(await abort({ topic, producer, partitions: [7] })).toBe(
      ERROR.UNKNOWN_TOPIC_OR_PARTITION,
    );
  });

  it('is taken for a producer that the partition does not know', async () => {
    const topic = await createTopic(client);
    const stranger = { producerId: 123_456_789, producerEpoch: 0 };
    expect(await abort({ topic, producer: stranger })).toBe(0);
    expect((await fetchOne(client, topic)).highWatermark).toBe(1);
  });
});

/** Apache Kafka 4.3 never answers this. */
(isForeign ? describe.skip : describe)('a partition that is named many times', () => {
  it('gets one marker', async () => {
    const { topic, producer } = await openTransaction();
    const partitions = Array.from({ length: 2_000 }, () => 0);
    expect(await abortIn({ topic, producer, partitions })).toEqual([
      { partitionIndex: 0, errorCode: 0 },
    ]);
    expect((await fetchOne(client, topic)).highWatermark).toBe(2);
  });
});
