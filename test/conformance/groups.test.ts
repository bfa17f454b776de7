import { Kafka, logLevel, type Consumer } from 'kafkajs';
import { eventually } from '../support/eventually.js';
import { brokerUnderTest, type BrokerUnderTest } from './support/broker-under-test.js';
import { unique } from './support/names.js';
import { RawClient } from './support/raw-client.js';
import { createTopic, deleteTopic } from './support/topics.js';

const KEY = {
  OFFSET_COMMIT: 8,
  OFFSET_FETCH: 9,
  FIND_COORDINATOR: 10,
  JOIN_GROUP: 11,
  HEARTBEAT: 12,
  LEAVE_GROUP: 13,
  SYNC_GROUP: 14,
  DESCRIBE_GROUPS: 15,
  LIST_GROUPS: 16,
  DELETE_GROUPS: 42,
  OFFSET_DELETE: 47,
} as const;

const ERROR = {
  UNKNOWN_TOPIC_OR_PARTITION: 3,
  OFFSET_METADATA_TOO_LARGE: 12,
  ILLEGAL_GENERATION: 22,
  INCONSISTENT_GROUP_PROTOCOL: 23,
  INVALID_GROUP_ID: 24,
  UNKNOWN_MEMBER_ID: 25,
  INVALID_SESSION_TIMEOUT: 26,
  REBALANCE_IN_PROGRESS: 27,
  NON_EMPTY_GROUP: 68,
  GROUP_ID_NOT_FOUND: 69,
  MEMBER_ID_REQUIRED: 79,
  FENCED_INSTANCE_ID: 82,
  GROUP_SUBSCRIBED_TO_TOPIC: 86,
} as const;

interface Joined {
  readonly errorCode: number;
  readonly generationId: number;
  readonly leader: string;
  readonly memberId: string;
  readonly members: readonly unknown[];
}

let broker: BrokerUnderTest;
let kafka: Kafka;
const clients: RawClient[] = [];

beforeAll(async () => {
  broker = await brokerUnderTest();
  kafka = new Kafka({ brokers: broker.brokers, logLevel: logLevel.NOTHING });
});
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});
afterAll(() => broker.stop());

async function open(): Promise<RawClient> {
  const client = await RawClient.open(broker);
  clients.push(client);
  return client;
}

/** A coordinator may still be loading where groups are kept in topics. */
async function openForGroup(groupId: string): Promise<RawClient> {
  const client = await open();
  await eventually(
    async () => {
      const found = await client.request<{ errorCode: number }>(KEY.FIND_COORDINATOR, 2, {
        key: groupId,
        keyType: 0,
      });
      return found.errorCode;
    },
    (error) => error === 0,
  );
  return client;
}

/** Consumer protocol subscription, version 0, to these topics. */
function subscription(...topics: string[]): Buffer {
  const names = topics.map((topic) => {
    const bytes = Buffer.alloc(2 + topic.length, 0);
    bytes.writeInt16BE(topic.length, 0);
    bytes.write(topic, 2);
    return bytes;
  });
  const head = Buffer.alloc(6);
  head.writeInt32BE(topics.length, 2);
  return Buffer.concat([head, ...names, Buffer.from('ffffffff', 'hex')]);
}

function joinBody(groupId: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    groupId,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 30_000,
    memberId: '',
    groupInstanceId: null,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: subscription('a-topic') }],
    ...more,
  };
}

/** Joins as clients of today do: once for an id, once with it. */
async function join(
  client: RawClient,
  groupId: string,
  more: Record<string, unknown> = {},
): Promise<Joined> {
  const first = await client.request<Joined>(KEY.JOIN_GROUP, 5, joinBody(groupId, more));
  if (first.errorCode !== ERROR.MEMBER_ID_REQUIRED) return first;
  return client.request<Joined>(KEY.JOIN_GROUP, 5, {
    ...joinBody(groupId, more),
    memberId: first.memberId,
  });
}

async function sync(
  client: RawClient,
  groupId: string,
  joined: Joined,
  assignments: Record<string, string> = {},
) {
  return client.request<{ errorCode: number; assignment: Buffer }>(KEY.SYNC_GROUP, 3, {
    groupId,
    generationId: joined.generationId,
    memberId: joined.memberId,
    groupInstanceId: null,
    assignments: Object.entries(assignments).map(([memberId, text]) => ({
      memberId,
      assignment: Buffer.from(text),
    })),
  });
}

async function heartbeat(
  client: RawClient,
  groupId: string,
  joined: Joined,
  groupInstanceId: string | null = null,
): Promise<number> {
  const { errorCode } = await client.request<{ errorCode: number }>(KEY.HEARTBEAT, 4, {
    groupId,
    generationId: joined.generationId,
    memberId: joined.memberId,
    groupInstanceId,
  });
  return errorCode;
}

async function commit(
  client: RawClient,
  groupId: string,
  topic: string,
  offset: number,
  member: Partial<Joined> = {},
  metadata = '',
): Promise<number> {
  const { topics } = await client.request<{
    topics: ReadonlyArray<{ partitions: ReadonlyArray<{ errorCode: number }> }>;
  }>(KEY.OFFSET_COMMIT, 7, {
    groupId,
    generationIdOrMemberEpoch: member.generationId ?? -1,
    memberId: member.memberId ?? '',
    groupInstanceId: null,
    topics: [
      {
        name: topic,
        partitions: [{ partitionIndex: 0, committedOffset: offset, committedMetadata: metadata }],
      },
    ],
  });
  return topics[0]!.partitions[0]!.errorCode;
}

async function committed(client: RawClient, groupId: string, topic: string): Promise<number> {
  const { topics } = await client.request<{
    topics: ReadonlyArray<{ partitions: ReadonlyArray<{ committedOffset: number }> }>;
  }>(KEY.OFFSET_FETCH, 5, { groupId, topics: [{ name: topic, partitionIndexes: [0] }] });
  return topics[0]!.partitions[0]!.committedOffset;
}

describe('members', () => {
  it('are asked to come back with the id they get, and lead generation 1 alone', async () => {
    const groupId = unique('group');
    const client = await openForGroup(groupId);
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
    const [one, two] = [await openForGroup(groupId), await open()];
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
    const client = await openForGroup(groupId);
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
    const client = id === '' ? await open() : await openForGroup(groupId);
    expect((await join(client, groupId, more)).errorCode).toBe(error);
  });

  it('that share no protocol with the group are refused', async () => {
    const groupId = unique('group');
    const client = await openForGroup(groupId);
    await join(client, groupId);
    const protocols = [{ name: 'other', metadata: Buffer.alloc(0) }];
    const other = await join(await open(), groupId, { protocols });
    expect(other.errorCode).toBe(ERROR.INCONSISTENT_GROUP_PROTOCOL);
  });

  it('with a name keep their place over a restart, and fence their former selves', async () => {
    const groupId = unique('group');
    const client = await openForGroup(groupId);
    const first = await join(client, groupId, { groupInstanceId: 'one' });
    await sync(client, groupId, first, { [first.memberId]: 'mine' });
    const back = await join(client, groupId, { groupInstanceId: 'one' });
    expect(back).toMatchObject({ errorCode: 0, generationId: 1 });
    expect(back.memberId).not.toBe(first.memberId);
    expect((await sync(client, groupId, back)).assignment.toString()).toBe('mine');
    expect(await heartbeat(client, groupId, first, 'one')).toBe(ERROR.FENCED_INSTANCE_ID);
  });
});

describe('a group of kafkajs consumers', () => {
  const consumers: Consumer[] = [];
  afterEach(async () => {
    await Promise.all(consumers.splice(0).map((consumer) => consumer.disconnect()));
  });

  it('shares the partitions among six that join at once', async () => {
    const groupId = unique('group');
    const topic = await createTopic(await open(), { partitions: 6 });
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

describe('offsets', () => {
  it('are kept for groups without members, and empty for groups nobody knows', async () => {
    const groupId = unique('group');
    const client = await openForGroup(groupId);
    const topic = await createTopic(client);
    expect(await committed(client, groupId, topic)).toBe(-1);
    expect(await commit(client, groupId, topic, 42)).toBe(0);
    expect(await committed(client, groupId, topic)).toBe(42);
    const all = await client.request<{ topics: ReadonlyArray<{ name: string }> }>(
      KEY.OFFSET_FETCH,
      5,
      { groupId, topics: null },
    );
    expect(all.topics.map(({ name }) => name)).toEqual([topic]);
    const none = await client.request<{ errorCode: number; topics: readonly unknown[] }>(
      KEY.OFFSET_FETCH,
      5,
      { groupId: unique('unknown'), topics: null },
    );
    expect(none).toMatchObject({ errorCode: 0, topics: [] });
  });

  it('are taken of members of the present generation only', async () => {
    const groupId = unique('group');
    const client = await openForGroup(groupId);
    const topic = await createTopic(client);
    const joined = await join(client, groupId);
    await sync(client, groupId, joined, {});
    expect(await commit(client, groupId, topic, 1, joined)).toBe(0);
    expect(await commit(client, groupId, topic, 2)).toBe(ERROR.UNKNOWN_MEMBER_ID);
    expect(await commit(client, groupId, topic, 3, { ...joined, generationId: 7 })).toBe(
      ERROR.ILLEGAL_GENERATION,
    );
    expect(await committed(client, groupId, topic)).toBe(1);
  });

  it('are refused for unknown topics and with too much metadata', async () => {
    const groupId = unique('group');
    const client = await openForGroup(groupId);
    const topic = await createTopic(client);
    expect(await commit(client, groupId, unique('nowhere'), 1)).toBe(
      ERROR.UNKNOWN_TOPIC_OR_PARTITION,
    );
    expect(await commit(client, groupId, topic, 1, {}, 'x'.repeat(5000))).toBe(
      ERROR.OFFSET_METADATA_TOO_LARGE,
    );
  });

  it('go with their topic', async () => {
    const groupId = unique('group');
    const client = await openForGroup(groupId);
    const topic = await createTopic(client);
    await commit(client, groupId, topic, 5);
    await deleteTopic(client, topic);
    const left = await eventually(
      () => committed(client, groupId, topic),
      (offset) => offset !== 5,
    );
    expect(left).toBe(-1);
  });

  it('are deleted unless a member subscribes to the topic', async () => {
    const groupId = unique('group');
    const client = await openForGroup(groupId);
    const topic = await createTopic(client);
    const deleteOffset = async () => {
      const answer = await client.request<{
        errorCode: number;
        topics: ReadonlyArray<{ partitions: ReadonlyArray<{ errorCode: number }> }>;
      }>(KEY.OFFSET_DELETE, 0, {
        groupId,
        topics: [{ name: topic, partitions: [{ partitionIndex: 0 }] }],
      });
      return answer.errorCode || answer.topics[0]!.partitions[0]!.errorCode;
    };
    expect(await deleteOffset()).toBe(ERROR.GROUP_ID_NOT_FOUND);
    const protocols = [{ name: 'range', metadata: subscription(topic) }];
    const joined = await join(client, groupId, { protocols });
    await sync(client, groupId, joined, {});
    await commit(client, groupId, topic, 5, joined);
    expect(await deleteOffset()).toBe(ERROR.GROUP_SUBSCRIBED_TO_TOPIC);
    await client.request(KEY.LEAVE_GROUP, 4, {
      groupId,
      members: [{ memberId: joined.memberId, groupInstanceId: null }],
    });
    expect(await deleteOffset()).toBe(0);
    expect(await committed(client, groupId, topic)).toBe(-1);
  });
});

describe('administration', () => {
  const deleteGroup = async (client: RawClient, groupId: string): Promise<number> => {
    const { results } = await client.request<{ results: ReadonlyArray<{ errorCode: number }> }>(
      KEY.DELETE_GROUPS,
      2,
      { groupsNames: [groupId] },
    );
    return results[0]!.errorCode;
  };

  it('lists, describes and deletes groups, but not those with members', async () => {
    const groupId = unique('group');
    const client = await openForGroup(groupId);
    const topic = await createTopic(client);
    expect(await deleteGroup(client, groupId)).toBe(ERROR.GROUP_ID_NOT_FOUND);
    const joined = await join(client, groupId);
    await sync(client, groupId, joined, { [joined.memberId]: 'mine' });
    await commit(client, groupId, topic, 1, joined);
    const described = await client.request<{
      groups: ReadonlyArray<{ groupState: string; members: ReadonlyArray<{ memberId: string }> }>;
    }>(KEY.DESCRIBE_GROUPS, 5, { groups: [groupId], includeAuthorizedOperations: false });
    expect(described.groups[0]).toMatchObject({
      groupState: 'Stable',
      protocolType: 'consumer',
      protocolData: 'range',
      members: [{ memberId: joined.memberId, memberAssignment: Buffer.from('mine') }],
    });
    const listed = await client.request<{ groups: ReadonlyArray<{ groupId: string }> }>(
      KEY.LIST_GROUPS,
      4,
      { statesFilter: ['Stable'] },
    );
    expect(listed.groups.map((group) => group.groupId)).toContain(groupId);
    expect(await deleteGroup(client, groupId)).toBe(ERROR.NON_EMPTY_GROUP);
    await client.request(KEY.LEAVE_GROUP, 4, {
      groupId,
      members: [{ memberId: joined.memberId, groupInstanceId: null }],
    });
    expect(await deleteGroup(client, groupId)).toBe(0);
    expect(await committed(client, groupId, topic)).toBe(-1);
  });

  it('describes a group that nobody knows as dead', async () => {
    const groupId = unique('unknown');
    const client = await openForGroup(groupId);
    const { groups } = await client.request<{ groups: readonly unknown[] }>(
      KEY.DESCRIBE_GROUPS,
      5,
      { groups: [groupId], includeAuthorizedOperations: false },
    );
    expect(groups[0]).toMatchObject({ errorCode: 0, groupState: 'Dead', members: [] });
  });
});
