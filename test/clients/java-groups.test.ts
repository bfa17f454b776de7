import { unique } from '../conformance/support/names.js';
import { eventually } from '../support/eventually.js';
import { Java, type JavaConfig } from './support/java.js';
import type { JavaClient, JavaConsumer } from './support/java-clients.js';
import { newTopic, partitionsOf, untilFailed, untilRead } from './support/java-topics.js';

let java: Java;
let admin: JavaClient;

beforeAll(async () => {
  java = Java.start();
  admin = await java.admin();
});
afterAll(() => java.stop());

const ASSIGNORS = {
  range: 'org.apache.kafka.clients.consumer.RangeAssignor',
  roundrobin: 'org.apache.kafka.clients.consumer.RoundRobinAssignor',
  sticky: 'org.apache.kafka.clients.consumer.StickyAssignor',
  'cooperative-sticky': 'org.apache.kafka.clients.consumer.CooperativeStickyAssignor',
} as const;

/** Looks at all members until each partition has one owner and each member so many. */
async function untilBalanced(
  members: readonly JavaConsumer[],
  expected: readonly string[],
): Promise<void> {
  await eventually(
    async () => {
      const looked = await Promise.all(members.map((member) => member.look()));
      return looked.map(({ assignment, failure }) => ({ assignment, failure }));
    },
    (states) => {
      const owned = states.flatMap(({ assignment }) => assignment);
      const fair = Math.floor(expected.length / members.length);
      return (
        owned.length === expected.length &&
        new Set(owned).size === expected.length &&
        states.every(({ assignment }) => assignment.length >= fair)
      );
    },
  );
}

describe('Java consumer group', () => {
  it.each(Object.entries(ASSIGNORS))(
    'loses nothing and reads nothing twice as members join and leave: %s',
    async (assignor, className) => {
      const topic = await newTopic(admin, { partitions: 6 });
      const group = unique('group');
      const join = async (): Promise<JavaConsumer> => {
        const member = await java.consumer({
          'group.id': group,
          'partition.assignment.strategy': className,
          'max.poll.records': 20,
        });
        return member.read([topic], { commitAll: true });
      };
      const producer = await java.producer();
      let sent = 0;
      const send = async (): Promise<void> => {
        await producer.call('count', { topic, from: sent, count: 300, keys: 50 });
        sent += 300;
      };
      const members = [await join()];
      await send();
      await untilBalanced(members, partitionsOf(topic, 6));
      const second = await join();
      const third = await join();
      await send();
      await untilBalanced([...members, second, third], partitionsOf(topic, 6));
      const described = await admin.call<{ assignor: string; members: unknown[] }>(
        'describeConsumerGroups',
        { group },
      );
      expect(described).toMatchObject({ state: 'Stable', assignor });
      expect(described.members).toHaveLength(3);
      await send();
      await second.close();
      await send();
      await members[0]!.close();
      await send();
      await untilBalanced([third], partitionsOf(topic, 6));
      const all = [...members, second, third];
      const total = (): number => all.reduce((sum, { records }) => sum + records.length, 0);
      await eventually(
        async () => (await third.look()) && total(),
        (count) => count >= sent,
      );
      await third.close();
      await producer.close();
      const values = all.flatMap((member) => member.values).map(Number);
      expect(values.sort((a, b) => a - b)).toEqual(Array.from({ length: sent }, (_, i) => i));
      const lost = all.flatMap(({ events }) => events).filter(([kind]) => kind === 'lost');
      expect(lost).toEqual([]);
    },
  );

  it('keeps what a member reads in the cooperative protocol but what it gives away', async () => {
    const topic = await newTopic(admin, { partitions: 4 });
    const config = {
      'group.id': unique('group'),
      'partition.assignment.strategy': ASSIGNORS['cooperative-sticky'],
    };
    const first = await (await java.consumer(config)).read([topic]);
    await untilBalanced([first], partitionsOf(topic, 4));
    const second = await (await java.consumer(config)).read([topic]);
    await untilBalanced([first, second], partitionsOf(topic, 4));
    const revoked = first.events.filter(([kind]) => kind === 'revoked');
    expect(revoked.flatMap(([, partitions]) => partitions)).toHaveLength(2);
    await first.close();
    await second.close();
  });

  it('takes twenty members that join at once', async () => {
    const topic = await newTopic(admin, { partitions: 20 });
    const group = unique('group');
    const members = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const member = await java.consumer({ 'group.id': group });
        return member.read([topic], { commitAll: true });
      }),
    );
    await untilBalanced(members, partitionsOf(topic, 20));
    const { members: described } = await admin.call<{ members: unknown[] }>(
      'describeConsumerGroups',
      { group },
    );
    expect(described).toHaveLength(20);
    await Promise.all(members.map((member) => member.close()));
    expect(await admin.call('describeConsumerGroups', { group })).toMatchObject({
      state: 'Empty',
      members: [],
    });
  });

  it('follows topics that get more partitions', async () => {
    const topic = await newTopic(admin, { partitions: 1 });
    const member = await java.consumer({
      'group.id': unique('group'),
      'metadata.max.age.ms': 200,
    });
    await member.read([topic]);
    await untilBalanced([member], partitionsOf(topic, 1));
    await admin.call('createPartitions', { topic, partitions: 3 });
    await untilBalanced([member], partitionsOf(topic, 3));
    expect(member.failure).toBeNull();
    await member.close();
  });

  it('puts a member out that does not poll in time, and takes it back', async () => {
    const topic = await newTopic(admin, { partitions: 2 });
    const group = { 'group.id': unique('group') };
    const slow = await java.consumer({ ...group, 'max.poll.interval.ms': 1_000 });
    await slow.read([topic]);
    await untilBalanced([slow], partitionsOf(topic, 2));
    const other = await (await java.consumer(group)).read([topic]);
    await untilBalanced([slow, other], partitionsOf(topic, 2));
    await slow.call('stop');
    await untilBalanced([other], partitionsOf(topic, 2));
    await expect(
      slow.call('commit', { offsets: [{ topic, partition: 0, offset: 1 }] }),
    ).rejects.toMatchObject({ type: 'CommitFailedException' });
    await slow.call('start');
    await untilBalanced([slow, other], partitionsOf(topic, 2));
    expect(slow.events.map(([kind]) => kind)).toContain('lost');
    await slow.close();
    await other.close();
  });

  it('refuses members whose assignors have nothing in common', async () => {
    const topic = await newTopic(admin);
    const group = unique('group');
    const joined = (assignor: keyof typeof ASSIGNORS): Promise<JavaConsumer> =>
      java.consumer({ 'group.id': group, 'partition.assignment.strategy': ASSIGNORS[assignor] });
    const first = await (await joined('range')).read([topic]);
    await untilBalanced([first], partitionsOf(topic, 1));
    const stranger = await (await joined('roundrobin')).read([topic]);
    await untilFailed(stranger);
    expect(stranger.failure).toMatchObject({ type: 'InconsistentGroupProtocolException' });
    await first.close();
    await stranger.close();
  });
});

describe('static Java members', () => {
  const open = async (topic: string, config: JavaConfig): Promise<JavaConsumer> => {
    const member = await java.consumer({ 'session.timeout.ms': 30_000, ...config });
    return member.read([topic], { commitAll: true });
  };

  it('come back to the same partitions without a rebalance', async () => {
    const topic = await newTopic(admin, { partitions: 4 });
    const group = { 'group.id': unique('group') };
    const bouncing = await open(topic, { ...group, 'group.instance.id': 'bouncing' });
    const staying = await open(topic, { ...group, 'group.instance.id': 'staying' });
    await untilBalanced([bouncing, staying], partitionsOf(topic, 4));
    const before = bouncing.assignment;
    const generation = (await staying.call<{ generationId: number }>('groupMetadata')).generationId;
    await bouncing.close();
    const back = await open(topic, { ...group, 'group.instance.id': 'bouncing' });
    await untilBalanced([back, staying], partitionsOf(topic, 4));
    expect(back.assignment).toEqual(before);
    const producer = await java.producer();
    await producer.call('count', { topic, from: 0, count: 40, keys: 40 });
    await eventually(
      async () => {
        const looked = await Promise.all([back.look(), staying.look()]);
        return looked.reduce((sum, { records }) => sum + records.length, 0);
      },
      (count) => count === 40,
    );
    expect(await staying.call('groupMetadata')).toMatchObject({ generationId: generation });
    expect(staying.events.filter(([kind]) => kind === 'lost')).toEqual([]);
    await back.close();
    await staying.close();
    await producer.close();
  });

  it('are fenced by a second one with the same instance id', async () => {
    const topic = await newTopic(admin);
    const config = { 'group.id': unique('group'), 'group.instance.id': 'twin' };
    const first = await open(topic, config);
    await untilBalanced([first], partitionsOf(topic, 1));
    const second = await open(topic, config);
    await untilFailed(first);
    expect(first.failure).toMatchObject({ type: 'FencedInstanceIdException' });
    const producer = await java.producer();
    await producer.sendValues(topic, 'for the second');
    await untilRead(second, 1);
    await producer.close();
    await second.close();
  });

  it('are removed by their instance ids', async () => {
    const topic = await newTopic(admin, { partitions: 2 });
    const group = unique('group');
    const members = await Promise.all(
      ['one', 'two'].map((id) => open(topic, { 'group.id': group, 'group.instance.id': id })),
    );
    await untilBalanced(members, partitionsOf(topic, 2));
    await members[0]!.close();
    await admin.call('removeMembersFromConsumerGroup', { group, instances: ['one'] });
    await untilBalanced([members[1]!], partitionsOf(topic, 2));
    await expect(
      admin.call('removeMembersFromConsumerGroup', { group, instances: ['nobody'] }),
    ).rejects.toMatchObject({ type: 'UnknownMemberIdException' });
    await members[1]!.close();
  });
});
