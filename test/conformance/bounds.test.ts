import { DEFAULT_SETTINGS } from '../../src/kafka/broker/settings.js';
import { brokerUnderTest, isForeign, type BrokerUnderTest } from './support/broker-under-test.js';
import {
  commit,
  committed,
  GROUP_KEY,
  heartbeat,
  join,
  joinBody,
  sync,
  type Joined,
} from './support/groups.js';
import { unique } from './support/names.js';
import { RawClient } from './support/raw-client.js';
import { createTopic, deleteTopic, metadataOf, tryCreateTopic } from './support/topics.js';
import { TransactionalProducer } from './support/transactional-producer.js';

/** Other brokers are told their bounds in other ways, or have none. */
const embedded = isForeign ? describe.skip : describe;

const KEY = { METADATA: 3, CREATE_PARTITIONS: 37 } as const;
const NONE = 0;
const ERROR = {
  POLICY_VIOLATION: 44,
  MEMBER_ID_REQUIRED: 79,
  GROUP_MAX_SIZE_REACHED: 81,
} as const;

embedded('a broker with bounds', () => {
  let bounded: BrokerUnderTest;
  let peer: RawClient;

  beforeEach(async () => {
    bounded = await brokerUnderTest({
      maxPartitions: 120,
      groups: { maxBytes: 300_000, maxOffsetBytes: 100_000 },
      transactions: { ...DEFAULT_SETTINGS.transactions, maxBytes: 100_000 },
    });
    peer = await RawClient.open(bounded);
  });
  afterEach(async () => {
    peer.close();
    await bounded.stop();
  });

  it('has so many partitions and no more, however they are asked for', async () => {
    const topic = await createTopic(peer, { partitions: 30 });
    const name = unique('topic');
    expect((await tryCreateTopic(peer, { name, partitions: 100 })).errorCode).toBe(
      ERROR.POLICY_VIOLATION,
    );
    const extended = await peer.request<{ results: ReadonlyArray<{ errorCode: number }> }>(
      KEY.CREATE_PARTITIONS,
      1,
      {
        topics: [{ name: topic, count: 121, assignments: null }],
        timeoutMs: 30_000,
        validateOnly: false,
      },
    );
    expect(extended.results[0]!.errorCode).toBe(ERROR.POLICY_VIOLATION);
    const names = Array.from({ length: 120 }, (_, i) => ({ name: `${name}-${i}` }));
    const { topics } = await peer.request<{
      topics: ReadonlyArray<{ name: string; errorCode: number }>;
    }>(KEY.METADATA, 7, { topics: names, allowAutoTopicCreation: true });
    const made = topics.filter(({ errorCode }) => errorCode === NONE);
    expect(made.length).toBeGreaterThan(0);
    expect(topics.at(-1)!.errorCode).toBe(ERROR.POLICY_VIOLATION);
    for (const each of made) await deleteTopic(peer, each.name);
    await deleteTopic(peer, topic);
    expect((await tryCreateTopic(peer, { name, partitions: 10 })).errorCode).toBe(NONE);
    expect((await metadataOf(peer, name)).partitions).toHaveLength(10);
  });

  it('refuses members that need too much memory, and keeps those that it has', async () => {
    const [mine, theirs] = [unique('group'), unique('group')];
    const member = await join(peer, mine);
    await sync(peer, mine, member, { [member.memberId]: 'x' });
    const large = (bytes: number) => ({
      protocols: [{ name: 'range', metadata: Buffer.alloc(bytes) }],
    });
    expect((await join(peer, theirs, large(400_000))).errorCode).toBe(ERROR.GROUP_MAX_SIZE_REACHED);
    const others = await Promise.all([1, 2].map(() => RawClient.open(bounded)));
    expect((await join(others[0]!, theirs, large(200_000))).errorCode).toBe(NONE);
    const second = await join(others[1]!, unique('group'), large(100_000));
    expect(second.errorCode).toBe(ERROR.GROUP_MAX_SIZE_REACHED);
    expect(await heartbeat(peer, mine, member)).toBe(NONE);
    const again = await peer.request<Joined>(GROUP_KEY.JOIN_GROUP, 5, {
      ...joinBody(mine),
      memberId: member.memberId,
    });
    expect(again.errorCode).toBe(NONE);
    const huge = await sync(peer, mine, again, { [member.memberId]: 'x'.repeat(400_000) });
    expect(huge.errorCode).toBe(ERROR.GROUP_MAX_SIZE_REACHED);
    expect((await sync(peer, mine, again, { [member.memberId]: 'x' })).errorCode).toBe(NONE);
    for (const each of others) each.close();
    await leave(peer, theirs);
  });

  it('expects so many members and no more, in whatever groups', async () => {
    const codes = new Map<number, number>();
    const joined: Joined[] = [];
    const groups = Array.from({ length: 20 }, () => unique('group'));
    for (let i = 0; i < 500; i++) {
      const groupId = groups[i % groups.length]!;
      const answer = await peer.request<Joined>(GROUP_KEY.JOIN_GROUP, 5, joinBody(groupId));
      codes.set(answer.errorCode, (codes.get(answer.errorCode) ?? 0) + 1);
      if (answer.errorCode === ERROR.MEMBER_ID_REQUIRED) {
        joined.push({ ...answer, leader: groupId });
      }
    }
    expect(codes.get(ERROR.MEMBER_ID_REQUIRED)).toBeGreaterThan(100);
    const refused = [ERROR.GROUP_MAX_SIZE_REACHED, ERROR.POLICY_VIOLATION];
    expect(refused.some((code) => (codes.get(code) ?? 0) > 0)).toBe(true);
    for (const { leader, memberId } of joined) await leave(peer, leader, memberId);
    const after = await peer.request<Joined>(GROUP_KEY.JOIN_GROUP, 5, joinBody(groups[0]!));
    expect(after.errorCode).toBe(ERROR.MEMBER_ID_REQUIRED);
    await leave(peer, groups[0]!, after.memberId);
  });

  it('keeps so many offsets and no more, but moves on those that it has', async () => {
    const topic = await createTopic(peer);
    const prefix = unique('group');
    const metadata = 'm'.repeat(4_000);
    const codes: number[] = [];
    for (let i = 0; i < 40; i++) {
      codes.push(await commit(peer, `${prefix}-${i}`, topic, i, {}, metadata));
    }
    expect(codes[0]).toBe(NONE);
    expect(codes.at(-1)).toBe(ERROR.POLICY_VIOLATION);
    expect(await commit(peer, `${prefix}-0`, topic, 77, {}, metadata)).toBe(NONE);
    expect(await committed(peer, `${prefix}-0`, topic)).toBe(77);
    expect(await committed(peer, `${prefix}-39`, topic)).toBe(-1);
    await deleteTopic(peer, topic);
    const another = await createTopic(peer);
    expect(await commit(peer, `${prefix}-39`, another, 1, {}, metadata)).toBe(NONE);
  });

  it('keeps so much of transactions and no more, and ends those that it has', async () => {
    const topic = await createTopic(peer);
    const producer = await new TransactionalProducer(peer).initialise();
    const groups = Array.from({ length: 60 }, () => unique('group'.padEnd(2_000, 'p')));
    const codes: number[] = [];
    for (const group of groups) {
      codes.push(await producer.addOffsets(group));
      if (codes.at(-1) === NONE) await producer.commitOffset(group, topic, 3);
    }
    expect(codes[0]).toBe(NONE);
    expect(codes.at(-1)).toBe(ERROR.POLICY_VIOLATION);
    expect(await producer.end(true)).toBe(NONE);
    const taken = groups.filter((_, i) => codes[i] === NONE);
    expect(await committed(peer, taken[0]!, topic)).toBe(3);
    const next = await new TransactionalProducer(peer).initialise();
    for (const group of taken) expect(await next.addOffsets(group)).toBe(NONE);
    expect(await next.end(false)).toBe(NONE);
  });

  it('takes offsets of so many groups into transactions and no more', async () => {
    const small = await brokerUnderTest({ groups: { maxGroups: 3 } });
    const client = await RawClient.open(small);
    const topic = await createTopic(client);
    const producer = await new TransactionalProducer(client).initialise();
    const groups = Array.from({ length: 4 }, () => unique('group'));
    for (const group of groups) expect(await producer.addOffsets(group)).toBe(NONE);
    const codes: number[] = [];
    for (const group of groups) codes.push(await producer.commitOffset(group, topic, 3));
    expect(codes).toEqual([NONE, NONE, NONE, ERROR.POLICY_VIOLATION]);
    expect(await producer.end(true)).toBe(NONE);
    expect((await join(client, groups[0]!)).errorCode).toBe(NONE);
    client.close();
    await small.stop();
  });

  it('takes no offsets into a transaction for which there is no room at its end', async () => {
    const topic = await createTopic(peer);
    const prefix = unique('group');
    const metadata = 'm'.repeat(4_000);
    const fill = async (length: number): Promise<void> => {
      const text = 'm'.repeat(length);
      for (
        let i = 0;
        (await commit(peer, `${prefix}-${length}-${i}`, topic, i, {}, text)) === NONE;
      )
        i++;
    };
    await fill(metadata.length);
    await fill(0);
    const [known, other] = [`${prefix}-${metadata.length}-0`, unique('group')];
    const producer = await new TransactionalProducer(peer).initialise();
    for (const group of [known, other]) expect(await producer.addOffsets(group)).toBe(NONE);
    expect(await producer.commitOffset(other, topic, 7)).toBe(ERROR.POLICY_VIOLATION);
    expect(await producer.commitOffset(known, topic, 7)).toBe(NONE);
    expect(await producer.end(true)).toBe(NONE);
    expect(await committed(peer, known, topic)).toBe(7);
    expect(await committed(peer, other, topic)).toBe(-1);
    expect(await producer.addPartitions(topic)).toEqual([NONE]);
    expect(await producer.end(false)).toBe(NONE);
  });
});

async function leave(peer: RawClient, groupId: string, memberId?: string): Promise<void> {
  const { groups } = await peer.request<{
    groups: ReadonlyArray<{ members: ReadonlyArray<{ memberId: string }> }>;
  }>(GROUP_KEY.DESCRIBE_GROUPS, 4, { groups: [groupId], includeAuthorizedOperations: false });
  const ids = memberId === undefined ? groups[0]!.members.map((each) => each.memberId) : [memberId];
  await peer.request(GROUP_KEY.LEAVE_GROUP, 4, {
    groupId,
    members: ids.map((id) => ({ memberId: id, groupInstanceId: null })),
  });
}
