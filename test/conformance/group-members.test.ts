import { Kafka, logLevel, type Consumer } from 'kafkajs';
import { eventually } from '../support/eventually.js';
import { brokerUnderTest, type BrokerUnderTest } from './support/broker-under-test.js';
import {
  commit,
  GroupClients,
  GROUP_KEY as KEY,
  GROUP_ERROR as ERROR,
  heartbeat,
  join,
  joinBody,
  sync,
  type Joined,
} from './support/groups.js';
import { unique } from './support/names.js';
import { createTopic } from './support/topics.js';

let broker: BrokerUnderTest;
let kafka: Kafka;
const clients = new GroupClients(() => broker);

beforeAll(async () => {
  broker = await brokerUnderTest();
  kafka = new Kafka({ brokers: broker.brokers, logLevel: logLevel.NOTHING });
});
afterEach(() => clients.closeAll());
afterAll(() => broker.stop());

describe('members', () => {
  it('are asked to come back with the id they get, and lead generation 1 alone', async () => {
    const groupId = unique('group');
    const client = await clients.openForGroup(groupId);
    const asked = await client.request<Joined>(KEY.JOIN_GROUP, 5, joinBody(groupId));
    expect(asked.errorCode).toBe(ERROR.MEMBER_ID_REQUIRED);
    const joined = await client.request<Joined>(
      KEY.JOIN_GROUP,
      5,
      joinBody(groupId, { memberId: asked.memberId }),
    );
    expect(joined).toMatchObject({ errorCode: 0, generationId: 1, leader: asked.memberId });
    const synced = await sync(client, groupId, joined, { [joined.memberId]: 'mine' });
    expect(synced.assignment.toString()).toBe('mine');
    expect(await heartbeat(client, groupId, joined)).toBe(0);
  });

  it('rebalance when another joins, and once more when it leaves', async () => {
    const groupId = unique('group');
    const [one, two] = [await clients.openForGroup(groupId), await clients.open()];
    const first = await join(one, groupId);
    await sync(one, groupId, first, {});
    const joining = join(two, groupId);
    await eventually(
      () => heartbeat(one, groupId, first),
      (error) => error === ERROR.REBALANCE_IN_PROGRESS,
    );
    const again = await join(one, groupId, { memberId: first.memberId });
    const second = await joining;
    expect(again).toMatchObject({ generationId: 2, leader: first.memberId });
    expect(again.members).toHaveLength(2);
    expect(second).toMatchObject({ generationId: 2, members: [] });
    const syncing = sync(two, groupId, second);
    await sync(one, groupId, again, { [second.memberId]: 'yours', [first.memberId]: 'mine' });
    expect((await syncing).assignment.toString()).toBe('yours');
    const left = await two.request<{ members: ReadonlyArray<{ errorCode: number }> }>(
      KEY.LEAVE_GROUP,
      4,
      { groupId, members: [{ memberId: second.memberId, groupInstanceId: null }] },
    );
    expect(left.members[0]!.errorCode).toBe(0);
    expect(await heartbeat(one, groupId, again)).toBe(ERROR.REBALANCE_IN_PROGRESS);
    expect(await heartbeat(two, groupId, second)).toBe(ERROR.UNKNOWN_MEMBER_ID);
  });

  it('that are unknown, late or of another generation are refused', async () => {
    const groupId = unique('group');
    const client = await clients.openForGroup(groupId);
    const joined = await join(client, groupId);
    await sync(client, groupId, joined, {});
    const stranger = { ...joined, memberId: 'nobody' };
    const late = { ...joined, generationId: 0 };
    expect(await heartbeat(client, groupId, stranger)).toBe(ERROR.UNKNOWN_MEMBER_ID);
    expect(await heartbeat(client, groupId, late)).toBe(ERROR.ILLEGAL_GENERATION);
    expect(await heartbeat(client, unique('other'), joined)).toBe(ERROR.UNKNOWN_MEMBER_ID);
    expect((await sync(client, groupId, stranger)).errorCode).toBe(ERROR.UNKNOWN_MEMBER_ID);
    expect((await sync(client, groupId, late)).errorCode).toBe(ERROR.ILLEGAL_GENERATION);
    const unknown = await join(client, groupId, { memberId: 'nobody' });
    expect(unknown.errorCode).toBe(ERROR.UNKNOWN_MEMBER_ID);
  });

  it.each([
    ['no group id', '', {}, ERROR.INVALID_GROUP_ID],
    ['a session too short', 'x', { sessionTimeoutMs: 10 }, ERROR.INVALID_SESSION_TIMEOUT],
    ['a session too long', 'x', { sessionTimeoutMs: 9e6 }, ERROR.INVALID_SESSION_TIMEOUT],
    ['no protocols', 'x', { protocols: [] }, ERROR.INCONSISTENT_GROUP_PROTOCOL],
  ])('are refused with %s', async (_name, id, more, error) => {
    const groupId = id === '' ? '' : unique('group');
    const client = id === '' ? await clients.open() : await clients.openForGroup(groupId);
    expect((await join(client, groupId, more)).errorCode).toBe(error);
  });

  it('that share no protocol with the group are refused', async () => {
    const groupId = unique('group');
    const client = await clients.openForGroup(groupId);
    await join(client, groupId);
    const protocols = [{ name: 'other', metadata: Buffer.alloc(0) }];
    const other = await join(await clients.open(), groupId, { protocols });
    expect(other.errorCode).toBe(ERROR.INCONSISTENT_GROUP_PROTOCOL);
  });

  it.each([
    ['the same', 'range'],
    ['something else', 'range, other topics'],
  ])('with a name that come back saying %s keep their place', async (_name, metadata) => {
    const groupId = unique('group');
    const client = await clients.openForGroup(groupId);
    const named = (said: string) => ({
      groupInstanceId: 'one',
      protocols: [{ name: 'range', metadata: Buffer.from(said) }],
    });
    const first = await join(client, groupId, named('range'));
    await sync(client, groupId, first, { [first.memberId]: 'mine' });
    const back = await join(client, groupId, named(metadata));
    expect(back).toMatchObject({ errorCode: 0, generationId: 1 });
    expect((await sync(client, groupId, back)).assignment.toString()).toBe('mine');
  });

  it('with a name fence their former selves', async () => {
    const groupId = unique('group');
    const client = await clients.openForGroup(groupId);
    const first = await join(client, groupId, { groupInstanceId: 'one' });
    await sync(client, groupId, first, { [first.memberId]: 'mine' });
    const back = await join(client, groupId, { groupInstanceId: 'one' });
    expect(back.memberId).not.toBe(first.memberId);
    expect(await heartbeat(client, groupId, first, 'one')).toBe(ERROR.FENCED_INSTANCE_ID);
    const { memberId, generationId } = first;
    const former = { groupId, memberId, generationId, groupInstanceId: 'one' };
    const [synced, joined] = [
      await client.request<Joined>(KEY.SYNC_GROUP, 3, { ...former, assignments: [] }),
      await client.request<Joined>(KEY.JOIN_GROUP, 5, joinBody(groupId, former)),
    ];
    expect([synced.errorCode, joined.errorCode]).toEqual([
      ERROR.FENCED_INSTANCE_ID,
      ERROR.FENCED_INSTANCE_ID,
    ]);
    const topic = await createTopic(client);
    expect(await commit(client, groupId, topic, 1, first)).toBe(ERROR.UNKNOWN_MEMBER_ID);
    const committing = await client.request<{
      topics: ReadonlyArray<{ partitions: ReadonlyArray<{ errorCode: number }> }>;
    }>(KEY.OFFSET_COMMIT, 7, {
      ...former,
      generationIdOrMemberEpoch: generationId,
      topics: [
        {
          name: topic,
          partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: '' }],
        },
      ],
    });
    expect(committing.topics[0]!.partitions[0]!.errorCode).toBe(ERROR.FENCED_INSTANCE_ID);
  });

  it('with a name that lead do not hear of it where they would assign anew', async () => {
    const groupId = unique('group');
    const client = await clients.openForGroup(groupId);
    const named = joinBody(groupId, { groupInstanceId: 'one' });
    const first = await join(client, groupId, { groupInstanceId: 'one' });
    await sync(client, groupId, first, { [first.memberId]: 'mine' });
    const second = await client.request<Joined>(KEY.JOIN_GROUP, 5, named);
    expect(second).toMatchObject({ errorCode: 0, leader: first.memberId, members: [] });
    const third = await client.request<Joined>(KEY.JOIN_GROUP, 9, named);
    expect(third).toMatchObject({ leader: third.memberId, skipAssignment: true });
    expect(third.members).toHaveLength(1);
  });
});

describe('a group of kafkajs consumers', () => {
  const consumers: Consumer[] = [];
  afterEach(async () => {
    await Promise.all(consumers.splice(0).map((consumer) => consumer.disconnect()));
  });

  it('shares the partitions among six that join at once', async () => {
    const groupId = unique('group');
    const topic = await createTopic(await clients.open(), { partitions: 6 });
    const assigned = new Map<number, readonly number[]>();
    await Promise.all(
      [0, 1, 2, 3, 4, 5].map(async (i) => {
        const consumer = kafka.consumer({ groupId, heartbeatInterval: 200, maxWaitTimeInMs: 100 });
        consumers.push(consumer);
        consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
          assigned.set(i, payload.memberAssignment[topic] ?? []);
        });
        await consumer.connect();
        await consumer.subscribe({ topics: [topic] });
        await consumer.run({ eachMessage: () => Promise.resolve() });
      }),
    );
    await eventually(
      () => [...assigned.values()],
      (all) => all.length === 6 && all.every((partitions) => partitions.length === 1),
    );
    expect([...assigned.values()].flat().sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
