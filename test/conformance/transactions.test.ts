import { eventually } from '../support/eventually.js';
import { fetchOne } from './support/batches.js';
import { committedValues } from './support/committed-values.js';
import type { BrokerUnderTest } from './support/broker-under-test.js';
import { unique } from './support/names.js';
import { withOneBroker } from './support/one-broker.js';
import type { RawClient } from './support/raw-client.js';
import { createTopic } from './support/topics.js';
import { TransactionalProducer } from './support/transactional-producer.js';

const DESCRIBE_TRANSACTIONS = 65;
const LIST_TRANSACTIONS = 66;
const NONE = 0;
const ERROR = {
  UNKNOWN_TOPIC_OR_PARTITION: 3,
  INVALID_REQUEST: 42,
  INVALID_PRODUCER_EPOCH: 47,
  INVALID_TXN_STATE: 48,
  INVALID_PRODUCER_ID_MAPPING: 49,
  INVALID_TRANSACTION_TIMEOUT: 50,
  OPERATION_NOT_ATTEMPTED: 55,
  PRODUCER_FENCED: 90,
  TRANSACTIONAL_ID_NOT_FOUND: 105,
} as const;

let broker: BrokerUnderTest;
let client: RawClient;
withOneBroker((started) => ({ broker, client } = started));

const producer = (transactionalId?: string, timeoutMs?: number) =>
  new TransactionalProducer(client, transactionalId, timeoutMs).initialise();

describe('a transactional producer', () => {
  it('keeps its id, gets a new epoch each time, and fences whoever had it before', async () => {
    const topic = await createTopic(client);
    const former = await producer();
    const present = await producer(former.transactionalId);
    expect(present.producerId).toBe(former.producerId);
    expect(present.producerEpoch).toBe(former.producerEpoch + 1);
    expect(await former.addPartitions(topic)).toEqual([ERROR.PRODUCER_FENCED]);
    expect(await former.addPartitions(topic, [0], 1)).toEqual([ERROR.INVALID_PRODUCER_EPOCH]);
    expect(await former.addOffsets('any')).toBe(ERROR.PRODUCER_FENCED);
    expect(await former.end(true)).toBe(ERROR.PRODUCER_FENCED);
    expect(await present.addPartitions(topic)).toEqual([NONE]);
    expect(await present.end(true)).toBe(NONE);
  });

  it('must name itself rightly when it says who it was', async () => {
    const one = await producer();
    const { producerId, producerEpoch } = one;
    const next = await one.askToInitialise({ producerId, producerEpoch });
    expect(next).toMatchObject({ errorCode: NONE, producerId, producerEpoch: producerEpoch + 1 });
    const fenced = { producerId, producerEpoch: producerEpoch + 5 };
    expect((await one.askToInitialise(fenced)).errorCode).toBe(ERROR.PRODUCER_FENCED);
    expect((await one.askToInitialise(fenced, 3)).errorCode).toBe(ERROR.INVALID_PRODUCER_EPOCH);
  });

  it('is fenced where it asks, in its own name, for the bump of its successor', async () => {
    const topic = await createTopic(client);
    const former = await producer();
    const { producerId, producerEpoch } = former;
    const successor = await producer(former.transactionalId);
    const ask = async () => (await former.askToInitialise({ producerId, producerEpoch })).errorCode;
    expect(await ask()).toBe(ERROR.PRODUCER_FENCED);
    expect(await successor.addPartitions(topic)).toEqual([NONE]);
    expect(await successor.send(topic, 'of the successor')).toBe(NONE);
    expect(await successor.end(true)).toBe(NONE);
  });

  it.each([{ producerEpoch: 0 }, { producerId: 1 }])(
    'is refused where it says half of who it is: %p',
    async (half) => {
      const one = await producer();
      expect((await one.askToInitialise(half)).errorCode).toBe(ERROR.INVALID_REQUEST);
    },
  );

  it('is refused without an id, and with a time-out out of bounds', async () => {
    const nameless = new TransactionalProducer(client, '');
    expect((await nameless.askToInitialise()).errorCode).toBe(ERROR.INVALID_REQUEST);
    const forEver = new TransactionalProducer(client, unique('id'), 0x7fffffff);
    expect((await forEver.askToInitialise()).errorCode).toBe(ERROR.INVALID_TRANSACTION_TIMEOUT);
  });
});

describe('a transaction', () => {
  it('shows its records once it commits', async () => {
    const topic = await createTopic(client);
    const one = await producer();
    expect(await one.addPartitions(topic)).toEqual([NONE]);
    expect(await one.send(topic, 'a', 'b')).toBe(NONE);
    const open = await fetchOne(client, topic, { isolationLevel: 1 });
    expect(open).toMatchObject({ highWatermark: 2, lastStableOffset: 0, values: [] });
    expect((await fetchOne(client, topic)).values).toEqual(['a', 'b']);
    expect(await one.end(true)).toBe(NONE);
    const closed = await eventually(
      () => fetchOne(client, topic, { isolationLevel: 1 }),
      ({ lastStableOffset }) => lastStableOffset === 3,
    );
    expect(closed.abortedTransactions ?? []).toEqual([]);
    expect(closed.values.slice(0, 2)).toEqual(['a', 'b']);
  });

  it('that aborts hides its records from who reads committed ones', async () => {
    const topic = await createTopic(client);
    const one = await producer();
    await one.addPartitions(topic);
    await one.send(topic, 'never', 'seen');
    expect(await one.end(false)).toBe(NONE);
    await one.addPartitions(topic);
    await one.send(topic, 'seen');
    expect(await one.end(true)).toBe(NONE);
    const read = await eventually(
      () => fetchOne(client, topic, { isolationLevel: 1 }),
      ({ lastStableOffset }) => lastStableOffset === 5,
    );
    expect(read.abortedTransactions).toEqual([{ producerId: one.producerId, firstOffset: 0 }]);
    const { values, consumer } = await committedValues(broker, topic);
    await eventually(
      () => values,
      ({ length }) => length > 0,
    );
    expect(values).toEqual(['seen']);
    await consumer.disconnect();
  });

  it('that is open when its producer is replaced is aborted', async () => {
    const topic = await createTopic(client);
    const former = await producer();
    await former.addPartitions(topic);
    await former.send(topic, 'lost');
    const present = await producer(former.transactionalId);
    expect(present.producerEpoch).toBeGreaterThan(former.producerEpoch);
    const read = await eventually(
      () => fetchOne(client, topic, { isolationLevel: 1 }),
      ({ lastStableOffset }) => lastStableOffset === 2,
    );
    expect(read.abortedTransactions).toEqual([{ producerId: former.producerId, firstOffset: 0 }]);
    expect(await former.send(topic, 'late')).toBe(ERROR.INVALID_PRODUCER_EPOCH);
  });

  it('that takes too long is aborted, and its producer fenced', async () => {
    const topic = await createTopic(client);
    const slow = await producer(undefined, 1_000);
    await slow.addPartitions(topic);
    await slow.send(topic, 'late');
    await eventually(
      () => fetchOne(client, topic, { isolationLevel: 1 }),
      ({ lastStableOffset }) => lastStableOffset === 2,
      40,
    );
    expect(await slow.end(true)).toBe(ERROR.PRODUCER_FENCED);
  }, 60_000);

  it('takes no record of a partition that was not added', async () => {
    const topic = await createTopic(client);
    const one = await producer();
    expect(await one.send(topic, 'stray')).toBe(ERROR.INVALID_TXN_STATE);
  });

  it('adds all partitions or none', async () => {
    const topic = await createTopic(client);
    const one = await producer();
    expect(await one.addPartitions(topic, [0, 99])).toEqual([
      ERROR.OPERATION_NOT_ATTEMPTED,
      ERROR.UNKNOWN_TOPIC_OR_PARTITION,
    ]);
    expect(await one.end(true)).toBe(ERROR.INVALID_TXN_STATE);
  });

  it('ends once, however often it is asked to', async () => {
    const topic = await createTopic(client);
    const one = await producer();
    expect(await one.end(true)).toBe(ERROR.INVALID_TXN_STATE);
    await one.addPartitions(topic);
    expect(await one.end(true)).toBe(NONE);
    expect(await one.end(true)).toBe(NONE);
    expect(await one.end(false)).toBe(ERROR.INVALID_TXN_STATE);
    const nobody = new TransactionalProducer(client);
    expect(await nobody.end(true)).toBe(ERROR.INVALID_PRODUCER_ID_MAPPING);
    expect(await nobody.addPartitions(topic)).toEqual([ERROR.INVALID_PRODUCER_ID_MAPPING]);
  });
});

describe('what is known of transactions', () => {
  it('is told by id, and listed by state and producer', async () => {
    const topic = await createTopic(client);
    const one = await producer();
    await one.addPartitions(topic);
    const { transactionStates: described } = await client.request<{
      transactionStates: ReadonlyArray<Record<string, unknown>>;
    }>(DESCRIBE_TRANSACTIONS, 0, { transactionalIds: [one.transactionalId, 'unheard-of'] });
    expect(described).toMatchObject([
      {
        errorCode: NONE,
        transactionState: 'Ongoing',
        transactionTimeoutMs: 60_000,
        producerId: one.producerId,
        producerEpoch: one.producerEpoch,
        topics: [{ topic, partitions: [0] }],
      },
      { errorCode: ERROR.TRANSACTIONAL_ID_NOT_FOUND, transactionalId: 'unheard-of' },
    ]);
    const list = (more: Record<string, unknown>) =>
      client.request<{
        unknownStateFilters: readonly string[];
        transactionStates: ReadonlyArray<{ transactionalId: string; transactionState: string }>;
      }>(LIST_TRANSACTIONS, 0, { stateFilters: [], producerIdFilters: [], ...more });
    const { transactionalId } = one;
    const mine = { transactionalId, producerId: one.producerId, transactionState: 'Ongoing' };
    const byProducer = await list({ producerIdFilters: [one.producerId] });
    expect(byProducer.transactionStates).toEqual([mine]);
    const ofState = await list({ stateFilters: ['Ongoing', 'Dreaming'] });
    expect(ofState.transactionStates).toContainEqual(mine);
    expect(ofState.unknownStateFilters).toEqual(['Dreaming']);
    expect((await list({ stateFilters: ['Empty'] })).transactionStates).not.toContainEqual(mine);
    await one.end(false);
  });
});
