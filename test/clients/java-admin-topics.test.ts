import { unique } from '../conformance/support/names.js';
import { Java } from './support/java.js';
import type { JavaClient, JavaProducer } from './support/java-clients.js';
import { newTopic, type ConfigEntry } from './support/java-topics.js';
import { eventually } from '../support/eventually.js';

let java: Java;
let admin: JavaClient;
let producer: JavaProducer;

beforeAll(async () => {
  java = Java.start();
  admin = await java.admin();
  producer = await java.producer();
});
afterAll(() => java.stop());

describe('Java Admin client: topics', () => {
  it('creates them with configurations, and tells what it made', async () => {
    const topic = unique('topic');
    const configs = { 'retention.ms': '60000', 'cleanup.policy': 'compact,delete' };
    const created = await admin.call<{ config: Record<string, ConfigEntry> }>('createTopics', {
      topic,
      partitions: 3,
      replicas: 1,
      configs,
    });
    expect(created).toMatchObject({ numPartitions: 3, replicationFactor: 1 });
    expect(created.config['retention.ms']).toMatchObject({
      value: '60000',
      source: 'DYNAMIC_TOPIC_CONFIG',
    });
    expect(created.config['max.message.bytes']).toMatchObject({
      value: '1048588',
      source: 'DEFAULT_CONFIG',
    });
    expect(await admin.call('listTopics')).toContain(topic);
    const described = await admin.call<Record<string, unknown>>('describeTopics', {
      topics: [topic],
    });
    expect(described[topic]).toMatchObject({
      topicId: (created as unknown as { topicId: string }).topicId,
      internal: false,
      partitions: [0, 1, 2].map((partition) => ({ partition, replicas: 1, isr: 1 })),
    });
  });

  it('creates them with the number of partitions and replicas that the broker chooses', async () => {
    const topic = unique('topic');
    const created = await admin.call('createTopics', { topic });
    expect(created).toMatchObject({ numPartitions: 1, replicationFactor: 1 });
  });

  it.each([
    ['a second time', { partitions: 1 }, 'TopicExistsException'],
    ['without partitions', { topic: '+', partitions: 0 }, 'InvalidPartitionsException'],
    ['with too many replicas', { topic: '+', replicas: 3 }, 'InvalidReplicationFactorException'],
    [
      'with an unknown configuration',
      { topic: '+', configs: { unknown: '1' } },
      'InvalidConfigurationException',
    ],
    [
      'with a bad value',
      { topic: '+', configs: { 'retention.ms': 'long' } },
      'InvalidConfigurationException',
    ],
    ['with a bad name', { topic: 'not/a/name' }, 'InvalidTopicException'],
  ])('does not create them %s', async (_name, args: object, type) => {
    const topic = await newTopic(admin);
    const named =
      'topic' in args && args.topic === '+' ? { ...args, topic: unique('topic') } : args;
    expect(await admin.refusal('createTopics', { topic, ...named })).toBe(type);
  });

  it('adds partitions, but takes none away', async () => {
    const topic = await newTopic(admin, { partitions: 2 });
    await admin.call('createPartitions', { topic, partitions: 4 });
    expect(await producer.call('partitionsFor', { topic })).toBe(4);
    expect(await admin.refusal('createPartitions', { topic, partitions: 3 })).toBe(
      'InvalidPartitionsException',
    );
    expect(await admin.refusal('createPartitions', { topic, partitions: 4 })).toBe(
      'InvalidPartitionsException',
    );
    const missing = { topic: unique('topic'), partitions: 2 };
    expect(await admin.refusal('createPartitions', missing)).toBe(
      'UnknownTopicOrPartitionException',
    );
  });

  it('deletes them', async () => {
    const topic = await newTopic(admin);
    await admin.call('deleteTopics', { topics: [topic] });
    await eventually(
      () => admin.call<readonly string[]>('listTopics'),
      (topics) => !topics.includes(topic),
    );
    expect(await admin.refusal('describeTopics', { topics: [topic] })).toBe(
      'UnknownTopicOrPartitionException',
    );
    expect(await admin.refusal('deleteTopics', { topics: [topic] })).toBe(
      'UnknownTopicOrPartitionException',
    );
  });

  it('deletes records up to an offset, or all', async () => {
    const topic = await newTopic(admin);
    await producer.sendValues(topic, ...'abcdef');
    const place = { topic, partition: 0 };
    expect(await admin.call('deleteRecords', { ...place, offset: 2 })).toBe(2);
    expect(await admin.call('listOffsets', { ...place, spec: 'earliest' })).toEqual([2, -1]);
    expect(await admin.call('deleteRecords', { ...place, offset: -1 })).toBe(6);
    expect(await admin.call('listOffsets', { ...place, spec: 'earliest' })).toEqual([6, -1]);
    expect(await admin.refusal('deleteRecords', { ...place, offset: 7 })).toBe(
      'OffsetOutOfRangeException',
    );
  });

  it('lists offsets of every kind', async () => {
    const topic = await newTopic(admin);
    const start = Date.now() - 10_000;
    const times = [100, 300, 200];
    for (const time of times) await producer.send({ topic, value: 'v', timestamp: start + time });
    const at = (spec: string | number): Promise<unknown> =>
      admin.call('listOffsets', { topic, partition: 0, spec: String(spec) });
    expect(await at('earliest')).toEqual([0, -1]);
    expect(await at('latest')).toEqual([3, -1]);
    expect(await at('maxTimestamp')).toEqual([1, start + 300]);
    expect(await at('earliestLocal')).toEqual([0, -1]);
    expect(await at('latestTiered')).toEqual([-1, -1]);
    expect(await at('earliestPendingUpload')).toEqual([-1, -1]);
    expect(await at(start)).toEqual([0, start + 100]);
    expect(await at(start + 150)).toEqual([1, start + 300]);
    expect(await at(start + 301)).toEqual([-1, -1]);
  });
});
