import { eventually } from '../support/eventually.js';
import { batchOf, fetchOne, produce } from './support/batches.js';
import { isForeign } from './support/broker-under-test.js';
import { withOneBroker } from './support/one-broker.js';
import type { RawClient } from './support/raw-client.js';
import { createTopic } from './support/topics.js';
import { TransactionalProducer } from './support/transactional-producer.js';

const NONE = 0;
const ERROR = {
  INVALID_PRODUCER_EPOCH: 47,
  INVALID_TXN_STATE: 48,
  CONCURRENT_TRANSACTIONS: 51,
  PRODUCER_FENCED: 90,
} as const;

const embedded = isForeign ? describe.skip : describe;

let client: RawClient;
withOneBroker((started) => ({ client } = started));

const producer = (transactionalId?: string, timeoutMs?: number) =>
  new TransactionalProducer(client, transactionalId, timeoutMs).initialise();

/** The last stable offset, once it has come so far. */
const stableFrom = (topic: string, offset: number, attempts?: number) =>
  eventually(
    async () => (await fetchOne(client, topic, { isolationLevel: 1 })).lastStableOffset,
    (lastStableOffset) => lastStableOffset >= offset,
    attempts,
  );

describe('a batch', () => {
  it('of an epoch that nobody was given is refused, and the transaction goes on', async () => {
    const topic = await createTopic(client);
    const one = await producer();
    const { producerEpoch } = one;
    await one.addPartitions(topic);
    one.producerEpoch = producerEpoch + 5;
    expect(await one.send(topic, 'of nobody')).toBe(ERROR.INVALID_PRODUCER_EPOCH);
    one.producerEpoch = producerEpoch;
    expect(await one.send(topic, 'mine')).toBe(NONE);
    expect(await one.end(true)).toBe(NONE);
    expect(await stableFrom(topic, 2)).toBe(2);
  });

  it.each([0, 5])(
    'outside of the open transaction of its producer is refused, %i epochs later',
    async (later) => {
      const topic = await createTopic(client);
      const one = await producer();
      await one.addPartitions(topic);
      expect(await one.send(topic, 'mine')).toBe(NONE);
      const { producerId } = one;
      const producerEpoch = one.producerEpoch + later;
      const baseSequence = later === 0 ? 1 : 0;
      const stray = batchOf(['stray'], { producerId, producerEpoch, baseSequence });
      expect((await produce(client, topic, stray)).errorCode).toBe(ERROR.INVALID_TXN_STATE);
      expect(await one.end(true)).toBe(NONE);
      expect(await stableFrom(topic, 2)).toBe(2);
    },
  );
});

// Apache Kafka takes it.
embedded('a batch, here,', () => {
  it('of an epoch that nobody was given is refused outside of transactions too', async () => {
    const topic = await createTopic(client);
    const one = await producer();
    const { producerId, producerEpoch } = one;
    await one.addPartitions(topic);
    const later = { producerId, producerEpoch: producerEpoch + 5, baseSequence: 0 };
    const { errorCode } = await produce(client, topic, batchOf(['stray'], later));
    expect(errorCode).toBe(ERROR.INVALID_PRODUCER_EPOCH);
    expect(await one.send(topic, 'mine')).toBe(NONE);
    expect(await one.end(true)).toBe(NONE);
    expect(await stableFrom(topic, 2)).toBe(2);
  });
});

describe('a producer that initialises in its own name', () => {
  /** Asks as what it was, again and again while its transaction ends. */
  async function askAs(
    one: TransactionalProducer,
    { producerId, producerEpoch }: { producerId: number; producerEpoch: number },
  ) {
    return eventually(
      () => one.askToInitialise({ producerId, producerEpoch }),
      ({ errorCode }) => errorCode !== ERROR.CONCURRENT_TRANSACTIONS,
    );
  }

  it('over its open transaction gets one new epoch, also where it asks again', async () => {
    const topic = await createTopic(client);
    const one = await producer();
    const former = { producerId: one.producerId, producerEpoch: one.producerEpoch };
    await one.addPartitions(topic);
    expect(await one.send(topic, 'lost')).toBe(NONE);
    const producerEpoch = former.producerEpoch + 1;
    const next = { ...former, producerEpoch, errorCode: NONE };
    expect(await askAs(one, former)).toMatchObject(next);
    expect(await askAs(one, former)).toMatchObject(next);
    expect(await stableFrom(topic, 2)).toBe(2);
    const renewed = Object.assign(new TransactionalProducer(client, one.transactionalId), {
      ...former,
      producerEpoch,
    });
    expect(await one.addPartitions(topic)).toEqual([ERROR.PRODUCER_FENCED]);
    expect(await renewed.addPartitions(topic)).toEqual([NONE]);
    expect(await one.send(topic, 'late')).toBe(ERROR.INVALID_PRODUCER_EPOCH);
    expect(await renewed.send(topic, 'kept')).toBe(NONE);
    expect(await renewed.end(true)).toBe(NONE);
    expect(await stableFrom(topic, 4)).toBe(4);
  });

  it('goes on after its transaction took too long, unless another one has its id', async () => {
    const topic = await createTopic(client);
    const slow = await producer(undefined, 1_000);
    const former = { producerId: slow.producerId, producerEpoch: slow.producerEpoch };
    await slow.addPartitions(topic);
    await slow.send(topic, 'late');
    await stableFrom(topic, 2, 40);
    const next = { ...former, producerEpoch: former.producerEpoch + 1, errorCode: NONE };
    expect(await askAs(slow, former)).toMatchObject(next);
    expect(await askAs(slow, former)).toMatchObject(next);
    const successor = await producer(slow.transactionalId);
    expect(successor.producerEpoch).toBe(next.producerEpoch + 1);
    for (const gone of [former, next]) {
      expect((await askAs(slow, gone)).errorCode).toBe(ERROR.PRODUCER_FENCED);
    }
    expect(await successor.addPartitions(topic)).toEqual([NONE]);
    expect(await successor.end(true)).toBe(NONE);
  }, 60_000);
});
