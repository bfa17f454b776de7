import { brokerUnderTest, type BrokerUnderTest } from './support/broker-under-test.js';
import {
  GroupClients,
  GROUP_KEY as KEY,
  GROUP_ERROR as ERROR,
  commit,
  committed,
  join,
  sync,
} from './support/groups.js';
import { unique } from './support/names.js';
import type { RawClient } from './support/raw-client.js';
import { createTopic } from './support/topics.js';

let broker: BrokerUnderTest;
const clients = new GroupClients(() => broker);

beforeAll(async () => {
  broker = await brokerUnderTest();
});
afterEach(() => clients.closeAll());
afterAll(() => broker.stop());

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
    const client = await clients.openForGroup(groupId);
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
    const client = await clients.openForGroup(groupId);
    const { groups } = await client.request<{ groups: readonly unknown[] }>(
      KEY.DESCRIBE_GROUPS,
      5,
      { groups: [groupId], includeAuthorizedOperations: false },
    );
    expect(groups[0]).toMatchObject({ errorCode: 0, groupState: 'Dead', members: [] });
  });
});
