import { eventually } from '../support/eventually.js';
import { brokerUnderTest, type BrokerUnderTest } from './support/broker-under-test.js';
import {
  GroupClients,
  GROUP_KEY as KEY,
  GROUP_ERROR as ERROR,
  commit,
  committed,
  join,
  subscription,
  sync,
} from './support/groups.js';
import { unique } from './support/names.js';
import { createTopic, deleteTopic } from './support/topics.js';

let broker: BrokerUnderTest;
const clients = new GroupClients(() => broker);

beforeAll(async () => {
  broker = await brokerUnderTest();
});
afterEach(() => clients.closeAll());
afterAll(() => broker.stop());

describe('offsets', () => {
  it('are kept for groups without members, and empty for groups nobody knows', async () => {
    const groupId = unique('group');
    const client = await clients.openForGroup(groupId);
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
    const client = await clients.openForGroup(groupId);
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
    const client = await clients.openForGroup(groupId);
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
    const client = await clients.openForGroup(groupId);
    const topic = await createTopic(client);
    await commit(client, groupId, topic, 5);
    await deleteTopic(client, topic);
    const left = await eventually(
      () => committed(client, groupId, topic),
      (offset) => offset !== 5,
    );
    expect(left).toBe(-1);
  });

  it('make no group where none of them is taken', async () => {
    const groupId = unique('phantom');
    const client = await clients.openForGroup(groupId);
    expect(await commit(client, groupId, unique('nowhere'), 1)).toBe(
      ERROR.UNKNOWN_TOPIC_OR_PARTITION,
    );
    const { groups } = await client.request<{ groups: ReadonlyArray<{ groupId: string }> }>(
      KEY.LIST_GROUPS,
      4,
      { statesFilter: [] },
    );
    expect(groups.map((group) => group.groupId)).not.toContain(groupId);
  });

  it('are taken of the group without a name, and go with it', async () => {
    const client = await clients.openForGroup('');
    const topic = await createTopic(client);
    expect(await commit(client, '', topic, 3)).toBe(0);
    expect(await committed(client, '', topic)).toBe(3);
    const { results } = await client.request<{ results: ReadonlyArray<{ errorCode: number }> }>(
      KEY.DELETE_GROUPS,
      2,
      { groupsNames: [''] },
    );
    expect(results[0]!.errorCode).toBe(0);
    expect(await committed(client, '', topic)).toBe(-1);
  });

  it('are not deleted of a group with members of which nobody knows what they work on', async () => {
    const groupId = unique('connect');
    const client = await clients.openForGroup(groupId);
    const topic = await createTopic(client);
    const joined = await join(client, groupId, { protocolType: 'connect' });
    await sync(client, groupId, joined, {});
    expect(await commit(client, groupId, topic, 5, joined)).toBe(0);
    const answer = await client.request<{ errorCode: number }>(KEY.OFFSET_DELETE, 0, {
      groupId,
      topics: [{ name: topic, partitions: [{ partitionIndex: 0 }] }],
    });
    expect(answer.errorCode).toBe(ERROR.NON_EMPTY_GROUP);
    expect(await committed(client, groupId, topic)).toBe(5);
  });

  it('are deleted unless a member subscribes to the topic', async () => {
    const groupId = unique('group');
    const client = await clients.openForGroup(groupId);
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
