import { unique } from '../conformance/support/names.js';
import { eventually } from '../support/eventually.js';
import { Java } from './support/java.js';
import type { JavaClient } from './support/java-clients.js';
import { newTopic, untilRead } from './support/java-topics.js';
import { read, replaced, transactional } from './support/java-transactions.js';

let java: Java;
let admin: JavaClient;

beforeAll(async () => {
  java = Java.start();
  admin = await java.admin();
});
afterAll(() => java.stop());

/** How a commit ends that comes too late, in the first or second version of the protocol. */
const REFUSED = /^(ProducerFenced|InvalidProducerEpoch|InvalidTxnState)Exception$/;

describe('Java transactions', () => {
  it.each(['none', 'lz4'])('show what was committed only (%s)', async (compression) => {
    const topic = await newTopic(admin);
    const config = { 'compression.type': compression };
    const producer = await transactional(java, unique('transactional'), config);
    for (const [end, ...values] of [
      ['commit', 'a', 'b'],
      ['abort', 'c', 'd'],
      ['commit', 'e'],
      ['abort', 'f'],
    ] as const) {
      await producer.call('begin');
      await producer.sendValues(topic, ...values);
      await producer.call(end);
    }
    expect(await read(java, topic, 'read_committed')).toEqual(['a', 'b', 'e']);
    expect(await read(java, topic, 'read_uncommitted')).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    await producer.close();
  });

  it('hold back what comes after an open transaction', async () => {
    const topic = await newTopic(admin);
    const open = await transactional(java, unique('transactional'));
    const other = await java.producer();
    await open.call('begin');
    await open.sendValues(topic, 'open');
    await other.sendValues(topic, 'after');
    const place = { partitions: [{ topic, partition: 0 }] };
    const consumer = await java.consumer({ 'isolation.level': 'read_committed' });
    expect(await consumer.call('endOffsets', place)).toEqual({ [`${topic}-0`]: 0 });
    await consumer.call('assign', place);
    await consumer.call('start');
    expect(await read(java, topic, 'read_uncommitted')).toEqual(['open', 'after']);
    expect((await consumer.look()).values).toEqual([]);
    await open.call('commit');
    await untilRead(consumer, 2);
    expect(consumer.values).toEqual(['open', 'after']);
    await Promise.all([consumer.close(), open.close(), other.close()]);
  });

  it('span partitions and topics', async () => {
    const topics = [await newTopic(admin, { partitions: 3 }), await newTopic(admin)] as const;
    const producer = await transactional(java, unique('transactional'));
    for (const end of ['abort', 'commit'] as const) {
      await producer.call('begin');
      const records = [0, 1, 2].map((partition) => ({ topic: topics[0], partition, value: end }));
      await producer.send(...records, { topic: topics[1], value: end });
      await producer.call(end);
    }
    const consumer = await java.consumer({ 'isolation.level': 'read_committed' });
    const partitions = [0, 1, 2].map((partition) => ({ topic: topics[0], partition }));
    await consumer.call('assign', {
      partitions: [...partitions, { topic: topics[1], partition: 0 }],
    });
    await consumer.call('start');
    await untilRead(consumer, 4);
    expect(consumer.values).toEqual(['commit', 'commit', 'commit', 'commit']);
    await Promise.all([consumer.close(), producer.close()]);
  });

  it('commit offsets of a group with what was made of the records, or neither', async () => {
    const [input, output] = [await newTopic(admin), await newTopic(admin)];
    const plain = await java.producer();
    await plain.sendValues(input, '1', '2', '3', '4');
    const group = { 'group.id': unique('group') };
    const producer = await transactional(java, unique('transactional'));
    const process = async (end: 'commit' | 'abort'): Promise<readonly (string | null)[]> => {
      const consumer = await java.consumer({ ...group, 'max.poll.records': 2 });
      await consumer.read([input]);
      await untilRead(consumer, 2);
      await consumer.call('stop');
      await consumer.look();
      const taken = consumer.records.slice(0, 2);
      await producer.call('begin');
      await producer.sendValues(output, ...taken.map(({ value }) => `${value} ${end}`));
      await producer.call('sendOffsets', {
        offsets: [{ topic: input, partition: 0, offset: taken.at(-1)!.offset + 1 }],
        group: await consumer.call('groupMetadata'),
      });
      await producer.call(end);
      await consumer.close();
      return taken.map(({ value }) => value);
    };
    expect(await process('abort')).toEqual(['1', '2']);
    expect(await process('commit')).toEqual(['1', '2']);
    expect(await process('commit')).toEqual(['3', '4']);
    expect(await read(java, output, 'read_committed')).toEqual([
      '1 commit',
      '2 commit',
      '3 commit',
      '4 commit',
    ]);
    await Promise.all([plain.close(), producer.close()]);
  });

  it('refuse offsets of a member that the group no longer has', async () => {
    const input = await newTopic(admin);
    const group = { 'group.id': unique('group') };
    const consumer = await (await java.consumer(group)).read([input]);
    await eventually(
      async () => (await consumer.look()).assignment.length,
      (count) => count === 1,
    );
    await consumer.call('stop');
    const stale = await consumer.call('groupMetadata');
    await consumer.close();
    const producer = await transactional(java, unique('transactional'));
    await producer.call('begin');
    const offsets = [{ topic: input, partition: 0, offset: 1 }];
    await expect(producer.call('sendOffsets', { offsets, group: stale })).rejects.toMatchObject({
      type: 'CommitFailedException',
    });
    await producer.call('abort');
    await producer.close();
  });

  it('fence a former producer of the id, whose records stay invisible', async () => {
    const topic = await newTopic(admin);
    const { zombie, successor } = await replaced(java, topic, 'of the zombie');
    await expect(zombie.call('commit')).rejects.toMatchObject({ type: 'ProducerFencedException' });
    await expect(zombie.call('begin')).rejects.toMatchObject({ type: 'ProducerFencedException' });
    await successor.call('begin');
    await successor.sendValues(topic, 'of the successor');
    await successor.call('commit');
    expect(await read(java, topic, 'read_committed')).toEqual(['of the successor']);
    expect(await read(java, topic, 'read_uncommitted')).toEqual([
      'of the zombie',
      'of the successor',
    ]);
    await Promise.all([zombie.close(), successor.close()]);
  });

  it('take no records of a former producer of the id', async () => {
    const topic = await newTopic(admin);
    const { zombie, successor } = await replaced(java, topic, 'of the zombie');
    const [late] = await zombie.send({ topic, value: 'too late' });
    expect(late!.error).toMatchObject({ type: 'InvalidProducerEpochException' });
    expect(await read(java, topic, 'read_uncommitted')).toEqual(['of the zombie']);
    await Promise.all([zombie.close(), successor.close()]);
  });

  it('are aborted when their time is over, and their producer is fenced', async () => {
    const topic = await newTopic(admin);
    const config = {
      'transaction.timeout.ms': 1_000,
      'delivery.timeout.ms': 1_000,
      'request.timeout.ms': 900,
      'linger.ms': 0,
    };
    const slow = await transactional(java, unique('transactional'), config);
    await slow.call('begin');
    await slow.sendValues(topic, 'too slow');
    const other = await java.producer();
    await other.sendValues(topic, 'after');
    const consumer = await java.consumer({ 'isolation.level': 'read_committed' });
    await consumer.call('assign', { partitions: [{ topic, partition: 0 }] });
    await consumer.call('start');
    await untilRead(consumer, 1);
    expect(consumer.values).toEqual(['after']);
    await expect(slow.call('commit')).rejects.toMatchObject({
      type: expect.stringMatching(REFUSED),
    });
    await Promise.all([consumer.close(), slow.close(), other.close()]);
  });

  it('may not last longer than the broker allows', async () => {
    const config = {
      'transactional.id': unique('transactional'),
      'transaction.timeout.ms': 900_001,
    };
    const producer = await java.producer(config);
    await expect(producer.call('init')).rejects.toMatchObject({
      type: 'KafkaException',
      message: expect.stringContaining('transaction.max.timeout.ms'),
    });
    await producer.close();
  });

  it('go on in a producer that aborts after a refused record', async () => {
    const topic = await newTopic(admin);
    const config = { 'max.request.size': 3_000_000, 'compression.type': 'none' };
    const producer = await transactional(java, unique('transactional'), config);
    await producer.call('begin');
    await producer.sendValues(topic, 'with a refused one');
    const [refused] = await producer.send({ topic, value: 'x'.repeat(2_000_000) });
    expect(refused!.error).toMatchObject({ type: 'RecordTooLargeException' });
    // The second, if the producer has not yet seen for itself that the transaction cannot go on.
    expect(await producer.refusal('commit')).toMatch(/^(Kafka|RecordTooLarge)Exception$/);
    await producer.call('abort');
    await producer.call('begin');
    await producer.sendValues(topic, 'again');
    await producer.call('commit');
    expect(await read(java, topic, 'read_committed')).toEqual(['again']);
    await producer.close();
  });

  it('of many producers in one partition are told apart', async () => {
    const topic = await newTopic(admin);
    const producers = await Promise.all(
      Array.from({ length: 6 }, () => transactional(java, unique('transactional'))),
    );
    for (const round of [0, 1, 2]) {
      await Promise.all(
        producers.map(async (producer, name) => {
          await producer.call('begin');
          await producer.sendValues(topic, `${name} ${round}`);
        }),
      );
      await Promise.all(
        producers.map((producer, name) => producer.call((name + round) % 2 ? 'abort' : 'commit')),
      );
    }
    const values = await read(java, topic, 'read_committed');
    const kept = [0, 1, 2].flatMap((round) =>
      producers.flatMap((_, name) => ((name + round) % 2 ? [] : [`${name} ${round}`])),
    );
    expect([...values].sort()).toEqual(kept.sort());
    await Promise.all(producers.map((producer) => producer.close()));
  });
});
