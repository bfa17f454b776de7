import { unique } from '../conformance/support/names.js';
import { eventually } from '../support/eventually.js';
import { Java } from './support/java.js';
import type { JavaClient, JavaConsumer } from './support/java-clients.js';
import { newTopic, partitionsOf, untilFailed } from './support/java-topics.js';

let java: Java;
let admin: JavaClient;

beforeAll(async () => {
  java = Java.start();
  admin = await java.admin();
});
afterAll(() => java.stop());

/** A member that has its partitions. */
async function member(topic: string, group: string, config = {}): Promise<JavaConsumer> {
  const consumer = await java.consumer({ 'group.id': group, ...config });
  await consumer.read([topic]);
  await eventually(
    async () => (await consumer.look()).assignment.length,
    (count) => count > 0,
  );
  return consumer;
}

describe('Java Admin client: groups', () => {
  it('lists and describes one with a member, and what is left of it', async () => {
    const topic = await newTopic(admin, { partitions: 2 });
    const group = unique('group');
    const consumer = await member(topic, group, { 'client.id': 'the-client' });
    expect(await admin.call('describeConsumerGroups', { group })).toMatchObject({
      state: 'Stable',
      assignor: 'range',
      simple: false,
      members: [
        {
          clientId: 'the-client',
          groupInstanceId: null,
          assignment: partitionsOf(topic, 2),
          memberId: expect.stringMatching(/^the-client-/),
        },
      ],
    });
    expect(await admin.call('listConsumerGroups')).toMatchObject({
      [group]: { state: 'Stable', simple: false },
    });
    await consumer.call('commit', { offsets: [{ topic, partition: 0, offset: 0 }] });
    await consumer.close();
    expect(await admin.call('listConsumerGroups')).toMatchObject({ [group]: { state: 'Empty' } });
  });

  it('tells that there is no such group', async () => {
    const group = unique('group');
    expect(await admin.refusal('describeConsumerGroups', { group })).toBe(
      'GroupIdNotFoundException',
    );
    expect(await admin.refusal('deleteConsumerGroups', { group })).toBe('GroupIdNotFoundException');
    expect(await admin.call('listConsumerGroupOffsets', { group })).toEqual({});
  });

  it('alters, lists and deletes offsets of a group without members', async () => {
    const topic = await newTopic(admin, { partitions: 2 });
    const group = unique('group');
    const offsets = [
      { topic, partition: 0, offset: 5, metadata: 'five' },
      { topic, partition: 1, offset: 7 },
    ];
    await admin.call('alterConsumerGroupOffsets', { group, offsets });
    expect(await admin.call('listConsumerGroupOffsets', { group })).toEqual({
      [`${topic}-0`]: [5, 'five'],
      [`${topic}-1`]: [7, ''],
    });
    expect(await admin.call('listConsumerGroups')).toMatchObject({
      [group]: { state: 'Empty', simple: true },
    });
    await admin.call('deleteConsumerGroupOffsets', { group, topic, partition: 0 });
    expect(await admin.call('listConsumerGroupOffsets', { group })).toEqual({
      [`${topic}-1`]: [7, ''],
    });
    await admin.call('deleteConsumerGroups', { group });
    expect(await admin.call('listConsumerGroupOffsets', { group })).toEqual({});
  });

  it('takes nothing from a group that reads', async () => {
    const topic = await newTopic(admin);
    const group = unique('group');
    const consumer = await member(topic, group);
    const offsets = [{ topic, partition: 0, offset: 5 }];
    expect(await admin.refusal('alterConsumerGroupOffsets', { group, offsets })).toBe(
      'UnknownMemberIdException',
    );
    expect(await admin.refusal('deleteConsumerGroups', { group })).toBe('GroupNotEmptyException');
    expect(await admin.refusal('deleteConsumerGroupOffsets', { group, topic, partition: 0 })).toBe(
      'GroupSubscribedToTopicException',
    );
    await consumer.close();
    await admin.call('deleteConsumerGroups', { group });
  });

  it('puts all members out', async () => {
    const topic = await newTopic(admin, { partitions: 2 });
    const group = unique('group');
    const consumers = [await member(topic, group), await member(topic, group)];
    const before = consumers.map(({ events }) => events.length);
    await admin.call('removeMembersFromConsumerGroup', { group });
    // They notice with their next heartbeat, and join again.
    await eventually(
      async () => {
        await Promise.all(consumers.map((consumer) => consumer.look()));
        return consumers.map(({ events }, i) => events.slice(before[i]).map(([kind]) => kind));
      },
      (kinds) => kinds.every((kind) => kind.includes('lost')),
    );
    expect(consumers.map(({ failure }) => failure)).toEqual([null, null]);
    await Promise.all(consumers.map((consumer) => consumer.close()));
  });

  it('refuses a commit of a consumer without a group', async () => {
    const topic = await newTopic(admin);
    const consumer = await java.consumer();
    await consumer.call('assign', { partitions: [{ topic, partition: 0 }] });
    await expect(
      consumer.call('commit', { offsets: [{ topic, partition: 0, offset: 1 }] }),
    ).rejects.toMatchObject({ type: 'InvalidGroupIdException' });
    await consumer.close();
  });

  it('refuses a session that is shorter than the broker allows', async () => {
    const topic = await newTopic(admin);
    const consumer = await java.consumer({
      'group.id': unique('group'),
      'session.timeout.ms': 1_000,
      'heartbeat.interval.ms': 300,
    });
    await consumer.read([topic]);
    await untilFailed(consumer);
    expect(consumer.failure).toMatchObject({ type: 'InvalidSessionTimeoutException' });
    await consumer.close();
  });
});
