import { unique } from '../conformance/support/names.js';
import { Java } from './support/java.js';
import type { JavaClient, JavaConsumer, JavaProducer } from './support/java-clients.js';
import {
  newTopic,
  partitionsOf,
  readToEnd,
  untilFailed,
  untilRead,
} from './support/java-topics.js';

let java: Java;
let admin: JavaClient;
let producer: JavaProducer;

beforeAll(async () => {
  java = Java.start();
  admin = await java.admin();
  producer = await java.producer();
});
afterAll(() => java.stop());

const numbers = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, i) => `${from + i}`);

/** A consumer of one partition without a group. */
async function assigned(topic: string, config = {}): Promise<JavaConsumer> {
  const consumer = await java.consumer(config);
  await consumer.call('assign', { partitions: [{ topic, partition: 0 }] });
  return consumer;
}

describe('Java consumer', () => {
  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])(
    'finds offsets by time within batches (%s)',
    async (compression) => {
      const topic = await newTopic(admin);
      const batching = await java.producer({ 'compression.type': compression, 'linger.ms': 50 });
      const start = Date.now() - 100_000;
      const records = numbers(50).map((value, i) => ({ topic, value, timestamp: start + i * 10 }));
      await batching.send(...records);
      await batching.close();
      const consumer = await assigned(topic);
      const find = (time: number): Promise<readonly [number, number] | null> =>
        consumer.call('seekToTime', { topic, partition: 0, time });
      expect(await find(start - 1)).toEqual([0, start]);
      expect(await find(start + 490)).toEqual([49, start + 490]);
      expect(await find(start + 491)).toBeNull();
      expect(await find(start + 101)).toEqual([11, start + 110]);
      await consumer.call('start');
      await untilRead(consumer, 39);
      expect(consumer.values).toEqual(numbers(39, 11));
      await consumer.close();
    },
  );

  it('tells beginning and end, also of what was deleted from the front', async () => {
    const topic = await newTopic(admin, { partitions: 2 });
    const send = (count: number): Promise<unknown> =>
      producer.send(...numbers(count).map((value) => ({ topic, value, partition: 0 })));
    await send(10);
    await admin.call('deleteRecords', { topic, partition: 0, offset: 4 });
    const consumer = await java.consumer();
    const partitions = [0, 1].map((partition) => ({ topic, partition }));
    const [first, second] = partitionsOf(topic, 2) as [string, string];
    expect(await consumer.call('beginningOffsets', { partitions })).toEqual({
      [first]: 4,
      [second]: 0,
    });
    expect(await consumer.call('endOffsets', { partitions })).toEqual({ [first]: 10, [second]: 0 });
    expect((await readToEnd(consumer, topic)).values).toEqual(numbers(6, 4));
    await consumer.close();
  });

  it('pauses partitions, and resumes where it was', async () => {
    const topic = await newTopic(admin, { partitions: 2 });
    const send = (partition: number, value: string): Promise<unknown> =>
      producer.send({ topic, partition, value });
    const partitions = [0, 1].map((partition) => ({ topic, partition }));
    const consumer = await java.consumer({ 'max.poll.records': 1 });
    await consumer.call('assign', { partitions });
    await consumer.call('start');
    await send(0, 'before');
    await untilRead(consumer, 1);
    await consumer.call('pause', { partitions: [partitions[0]] });
    await send(0, 'paused 1');
    await send(0, 'paused 2');
    for (const value of numbers(5)) await send(1, value);
    await untilRead(consumer, 6);
    expect(consumer.values).toEqual(['before', ...numbers(5)]);
    await consumer.call('resume', { partitions: [partitions[0]] });
    await untilRead(consumer, 8);
    expect(consumer.values.slice(6)).toEqual(['paused 1', 'paused 2']);
    await consumer.close();
  });

  it('commits with metadata, at once and asynchronously, and finds it again', async () => {
    const topic = await newTopic(admin, { partitions: 3 });
    const group = { 'group.id': unique('group') };
    const consumer = await assigned(topic, group);
    const offset = (partition: number, at: number, metadata: string) => ({
      offsets: [{ topic, partition, offset: at, metadata }],
    });
    await consumer.call('commit', offset(0, 7, 'größe'));
    expect(await consumer.call('commitAsync', offset(1, 8, ''))).toBe(1);
    await consumer.call('commit', offset(0, 3, 'backwards'));
    const partitions = [0, 1, 2].map((partition) => ({ topic, partition }));
    const other = await java.consumer(group);
    expect(await other.call('committed', { partitions })).toEqual({
      [`${topic}-0`]: [3, 'backwards'],
      [`${topic}-1`]: [8, ''],
    });
    await expect(consumer.call('commit', offset(0, 1, 'x'.repeat(5_000)))).rejects.toMatchObject({
      type: 'OffsetMetadataTooLarge',
    });
    await consumer.close();
    await other.close();
  });

  it.each([
    ['earliest', numbers(5)],
    ['latest', ['later']],
  ])('begins without a commit at the %s offset', async (reset, expected) => {
    const topic = await newTopic(admin);
    await producer.sendValues(topic, ...numbers(5));
    const consumer = await assigned(topic, {
      'group.id': unique('group'),
      'auto.offset.reset': reset,
    });
    const beginning = reset === 'latest' ? 5 : 0;
    expect(await consumer.call('position', { topic, partition: 0 })).toBe(beginning);
    await consumer.call('start');
    if (reset === 'latest') await producer.sendValues(topic, 'later');
    await untilRead(consumer, expected.length);
    expect(consumer.values).toEqual(expected);
    await consumer.close();
  });

  it.each([
    ['none', 'NoOffsetForPartitionException', undefined],
    ['none', 'OffsetOutOfRangeException', 1_000],
  ])('ends with auto.offset.reset=%s in %s', async (reset, type, offset) => {
    const topic = await newTopic(admin);
    await producer.sendValues(topic, 'v');
    const group = { 'group.id': unique('group'), 'auto.offset.reset': reset };
    const consumer = await assigned(topic, group);
    if (offset !== undefined) await consumer.call('seek', { topic, partition: 0, offset });
    await consumer.call('start');
    await untilFailed(consumer);
    expect(consumer.failure).toMatchObject({ type });
    await consumer.close();
  });

  it('goes to the earliest record when its offset is beyond the end', async () => {
    const topic = await newTopic(admin);
    await producer.sendValues(topic, ...numbers(3));
    const consumer = await assigned(topic);
    await consumer.call('seek', { topic, partition: 0, offset: 100 });
    await consumer.call('start');
    await untilRead(consumer, 3);
    expect(consumer.values).toEqual(numbers(3));
    await consumer.close();
  });

  it('gets a record that is larger than its fetches', async () => {
    const topic = await newTopic(admin);
    await producer.sendValues(topic, 'x'.repeat(300_000), 'after');
    const consumer = await assigned(topic, {
      'fetch.max.bytes': 1_000,
      'max.partition.fetch.bytes': 1_000,
    });
    await consumer.call('start');
    await untilRead(consumer, 2);
    expect(consumer.values.map((value) => value!.length)).toEqual([300_000, 5]);
    await consumer.close();
  });

  it('lists topics with their partitions', async () => {
    const topic = await newTopic(admin, { partitions: 3 });
    const consumer = await java.consumer();
    const topics = await consumer.call<Record<string, number>>('listTopics');
    expect(topics).toMatchObject({ [topic]: 3 });
    await consumer.close();
  });
});
