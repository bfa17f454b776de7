import { unique } from '../conformance/support/names.js';
import { Java } from './support/java.js';
import type { JavaClient } from './support/java-clients.js';
import { newTopic } from './support/java-topics.js';
import { read, transactional } from './support/java-transactions.js';

let java: Java;
let admin: JavaClient;

beforeAll(async () => {
  java = Java.start();
  admin = await java.admin();
});
afterAll(() => java.stop());

describe('administration of transactions', () => {
  interface Producer {
    readonly producerId: number;
    readonly producerEpoch: number;
    readonly coordinatorEpoch: number;
    readonly currentTransactionStartOffset: number;
  }

  it('describes, lists and aborts an open one', async () => {
    const topic = await newTopic(admin, { partitions: 2 });
    const id = unique('transactional');
    const producer = await transactional(java, id, { 'transaction.timeout.ms': 50_000 });
    await producer.call('begin');
    await producer.send({ topic, partition: 1, value: 'open' });
    const described = await admin.call<{ producerId: number }>('describeTransactions', {
      transactionalId: id,
    });
    expect(described).toMatchObject({
      state: 'Ongoing',
      transactionTimeoutMs: 50_000,
      hasStarted: true,
      topicPartitions: [`${topic}-1`],
    });
    const ongoing = await admin.call('listTransactions', { states: ['Ongoing'] });
    expect(ongoing).toMatchObject({ [id]: 'Ongoing' });
    const [active] = await admin.call<readonly Producer[]>('describeProducers', {
      topic,
      partition: 1,
    });
    expect(active).toMatchObject({
      producerId: described.producerId,
      currentTransactionStartOffset: 0,
      lastSequence: 0,
    });
    await admin.call('abortTransaction', {
      topic,
      partition: 1,
      producerId: active!.producerId,
      producerEpoch: active!.producerEpoch,
      coordinatorEpoch: Math.max(active!.coordinatorEpoch, 0),
    });
    const [ended] = await admin.call<readonly Producer[]>('describeProducers', {
      topic,
      partition: 1,
    });
    expect(ended).toMatchObject({ currentTransactionStartOffset: -1 });
    await producer.call('abort');
    await producer.close();
  });

  it('fences producers by their ids', async () => {
    const topic = await newTopic(admin);
    const id = unique('transactional');
    const producer = await transactional(java, id);
    await producer.call('begin');
    await producer.sendValues(topic, 'fenced');
    const fenced = await admin.call<{ producerEpoch: number }>('fenceProducers', {
      transactionalId: id,
    });
    expect(fenced.producerEpoch).toBeGreaterThan(0);
    await expect(producer.call('commit')).rejects.toMatchObject({
      type: 'ProducerFencedException',
    });
    expect(await read(java, topic, 'read_committed')).toEqual([]);
    expect(await admin.call('listTransactions')).toMatchObject({ [id]: 'Empty' });
    await producer.close();
  });

  it('tells that it does not know an id', async () => {
    const transactionalId = unique('transactional');
    await expect(admin.call('describeTransactions', { transactionalId })).rejects.toMatchObject({
      type: 'TransactionalIdNotFoundException',
    });
    expect(await admin.call('listTransactions')).not.toHaveProperty([transactionalId]);
  });
});
