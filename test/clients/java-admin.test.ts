import { unique } from '../conformance/support/names.js';
import { brokerAddress } from './support/broker.js';
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

describe('Java Admin client: configurations', () => {
  const entries = (args: object): Promise<Record<string, ConfigEntry>> =>
    admin.call('describeConfigs', args);
  const alter = (topic: string, ...operations: readonly object[]): Promise<void> =>
    admin.call('incrementalAlterConfigs', { topic, operations });

  it('sets, appends to, subtracts from and deletes those of a topic', async () => {
    const topic = await newTopic(admin);
    const policy = { name: 'cleanup.policy', value: 'compact' };
    await alter(topic, { type: 'SET', name: 'retention.ms', value: '1000' });
    await alter(topic, { type: 'APPEND', ...policy });
    await eventually(
      () => entries({ topic }),
      (configs) => configs['cleanup.policy']!.value === 'delete,compact',
    );
    expect((await entries({ topic }))['retention.ms']).toMatchObject({
      value: '1000',
      source: 'DYNAMIC_TOPIC_CONFIG',
    });
    await alter(
      topic,
      { type: 'SUBTRACT', ...policy },
      { type: 'DELETE', name: 'retention.ms', value: null },
    );
    await eventually(
      () => entries({ topic }),
      (configs) => configs['cleanup.policy']!.value === 'delete',
    );
    expect((await entries({ topic }))['retention.ms']).toMatchObject({
      value: '604800000',
      source: 'DEFAULT_CONFIG',
    });
  });

  it.each([
    ['an unknown name', { type: 'SET', name: 'unknown', value: '1' }],
    ['no number', { type: 'SET', name: 'retention.ms', value: 'long' }],
    ['too small a number', { type: 'SET', name: 'segment.bytes', value: '-1' }],
    ['no such policy', { type: 'SET', name: 'cleanup.policy', value: 'burn' }],
  ])('refuses %s', async (_name, operation) => {
    const topic = await newTopic(admin);
    const args = { topic, operations: [operation] };
    expect(await admin.refusal('incrementalAlterConfigs', args)).toBe(
      'InvalidConfigurationException',
    );
  });

  it('refuses to append to what is no list', async () => {
    const topic = await newTopic(admin);
    const operations = [{ type: 'APPEND', name: 'retention.ms', value: '1' }];
    expect(await admin.refusal('incrementalAlterConfigs', { topic, operations })).toBe(
      'InvalidConfigurationException',
    );
  });

  it('knows no topic that is not there', async () => {
    const topic = unique('topic');
    const operations = [{ type: 'SET', name: 'retention.ms', value: '1' }];
    expect(await admin.refusal('describeConfigs', { topic })).toBe(
      'UnknownTopicOrPartitionException',
    );
    expect(await admin.refusal('incrementalAlterConfigs', { topic, operations })).toBe(
      'UnknownTopicOrPartitionException',
    );
  });

  it('describes every configuration of a topic with its type', async () => {
    const topic = await newTopic(admin);
    const found = await entries({ topic });
    expect(found['cleanup.policy']).toMatchObject({ value: 'delete', type: 'LIST' });
    expect(found['retention.ms']).toMatchObject({ value: '604800000', type: 'LONG' });
    expect(found['preallocate']).toMatchObject({ value: 'false', type: 'BOOLEAN' });
    expect(Object.keys(found)).toEqual(
      expect.arrayContaining(['compression.type', 'min.insync.replicas', 'segment.bytes']),
    );
  });
});

describe('Java Admin client: the cluster', () => {
  it('describes it', async () => {
    const cluster = await admin.call<{ clusterId: string }>('describeCluster');
    expect(cluster).toMatchObject({ nodes: [brokerAddress()] });
    expect(cluster.clusterId).toMatch(/^[\w-]{22}$/);
  });

  it('describes the quorum: one voter, which leads', async () => {
    const quorum = await admin.call('describeMetadataQuorum');
    const { controller } = await admin.call<{ controller: number }>('describeCluster');
    expect(quorum).toMatchObject({ leaderId: controller, voters: 1, observers: 0 });
  });

  it('tells how large partitions are', async () => {
    const topic = await newTopic(admin, { partitions: 2 });
    await producer.send({ topic, partition: 0, value: 'x'.repeat(1_000) });
    const sizes = await admin.call<Record<string, number>>('describeLogDirs', { topic });
    expect(sizes[`${topic}-0`]).toBeGreaterThan(1_000);
    expect(sizes[`${topic}-1`]).toBe(0);
  });

  it('describes the configurations of the broker', async () => {
    const { controller } = await admin.call<{ controller: number }>('describeCluster');
    const found = await admin.call<Record<string, ConfigEntry>>('describeConfigs', {
      broker: String(controller),
    });
    expect(found['group.min.session.timeout.ms']).toMatchObject({ value: '6000' });
    expect(found['node.id']).toMatchObject({ value: String(controller), readOnly: true });
  });
});
