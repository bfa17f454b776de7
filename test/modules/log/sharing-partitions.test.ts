import { randomUUID } from 'node:crypto';

import { AssignerProtocol, Kafka, logLevel } from 'kafkajs';

import { Cluster } from '../../../src/kafka/log/cluster/cluster.js';
import type { PartitionGroupListener } from '../../../src/kafka/log/event-log.js';
import { GroupCoordinator } from '../../../src/kafka/log/group/coordinator.js';
import { groupTimes } from '../../../src/kafka/log/group/group-times.js';
import { LogMembershipLost } from '../../../src/kafka/log/log.errors.js';
import { eventually } from '../../support/eventually.js';
import { GroupLedger } from './support/group-ledger.js';
import { freshTopic, openLog, testKafka } from './support/log-harness.js';

const SESSION = { sessionTimeoutMs: 6_000, rebalanceTimeoutMs: 20_000 };

describe('sharing partitions out in a group', () => {
  const log = openLog();
  const topics: string[] = [];
  const ledgers: GroupLedger[] = [];
  const newTopic = async (partitions: number): Promise<string> => {
    const name = freshTopic('group');
    topics.push(name);
    await log.admin.createTopic({ name, partitions });
    return name;
  };
  const newLedger = (): GroupLedger => {
    const ledger = new GroupLedger(`group-${randomUUID()}`);
    ledgers.push(ledger);
    return ledger;
  };

  afterEach(async () => {
    for (const ledger of ledgers.splice(0)) await ledger.leaveAll();
  });

  afterAll(async () => {
    for (const name of topics) await log.admin.deleteTopic(name);
    await log.close();
  });

  it('gives a member that is alone everything', async () => {
    const ledger = newLedger();
    const member = ledger.join(log, 'a', { ...SESSION, topics: [await newTopic(3)] });
    expect(member.lastHeartbeatAt).toBeUndefined();
    await ledger.settles({ a: 3 });
    expect(ledger.toldTo('a')).toEqual([{ what: 'assigned', partitions: ['0', '1', '2'] }]);
    const first = member.lastHeartbeatAt ?? Infinity;
    expect(first).toBeLessThanOrEqual(performance.now());
    await eventually(
      () => member.lastHeartbeatAt ?? 0,
      (at) => at > first,
    );
    expect(member.sessionTimeoutMs).toBe(SESSION.sessionTimeoutMs);
  });

  it('hands over to a second member without a moment in which both hold a partition', async () => {
    const ledger = newLedger();
    const options = { ...SESSION, topics: [await newTopic(5)] };
    let finish = (): void => undefined;
    const handOver = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const a = ledger.join(log, 'a', options, () => handOver);
    await ledger.settles({ a: 5 });
    ledger.join(log, 'b', options);
    await eventually(
      () => ledger.toldTo('a').length,
      (count) => count === 2,
    );
    // While it hands back it is alive, and what it hands back is nobody else’s.
    const during = a.lastHeartbeatAt ?? Infinity;
    await eventually(
      () => a.lastHeartbeatAt ?? 0,
      (at) => at > during,
    );
    expect(ledger.held('b')).toEqual([]);
    finish();
    await ledger.settles({ a: 3, b: 2 });
    expect(ledger.heldTwice).toEqual([]);
    expect(ledger.toldTo('a').map(({ what }) => what)).toEqual(['assigned', 'revoking', 'revoked']);
    expect(ledger.toldTo('b')).toHaveLength(1);
  });

  it('keeps a waiting member’s heartbeats going while another one takes its time', async () => {
    const ledger = newLedger();
    const options = { ...SESSION, topics: [await newTopic(4)] };
    let finish = (): void => undefined;
    const handOver = new Promise<void>((resolve) => {
      finish = resolve;
    });
    ledger.join(log, 'a', options, () => handOver);
    await ledger.settles({ a: 4 });
    const b = ledger.join(log, 'b', { ...SESSION, topics: [await newTopic(2), ...options.topics] });
    // B has what nobody held, and A is handing back: a third one makes B wait in its next join.
    await ledger.settles({ b: 2 });
    ledger.join(log, 'c', options);
    const before = performance.now() + 1_000;
    await eventually(
      () => b.lastHeartbeatAt ?? 0,
      (at) => at > before,
    );
    finish();
    await ledger.settles({ a: 2, b: 2, c: 2 });
    expect(ledger.toldTo('b').map(({ what }) => what)).not.toContain('lost');
    expect(ledger.heldTwice).toEqual([]);
  });

  it('lets the others go on at once when a member leaves', async () => {
    const ledger = newLedger();
    const options = { sessionTimeoutMs: 30_000, topics: [await newTopic(4)] };
    const a = ledger.join(log, 'a', options);
    ledger.join(log, 'b', options);
    await ledger.settles({ a: 2, b: 2 });
    const kept = ledger.held('b');
    await a.leave();
    await a.leave();
    expect(ledger.held('a')).toEqual([]);
    expect(a.lastHeartbeatAt).toBeUndefined();
    await eventually(
      () => ledger.held('b').length,
      (size) => size === 4,
      15,
    );
    expect(ledger.held('b')).toEqual(expect.arrayContaining([...kept]));
    expect(ledger.toldTo('b').map(({ what }) => what)).not.toContain('revoked');
    await expect(a.commit([{ topic: 'any', partition: 0, offset: 1 }])).rejects.toThrow(
      LogMembershipLost,
    );
  });

  it('does not disturb what is held when a topic is added, and takes back those of one dropped', async () => {
    const ledger = newLedger();
    const [first, second] = [await newTopic(3), await newTopic(2)];
    const member = ledger.join(log, 'a', SESSION);
    expect(member.lastHeartbeatAt).toBeUndefined();
    member.subscribe([first]);
    await ledger.settles({ a: 3 });
    member.subscribe([second, first]);
    await ledger.settles({ a: 5 });
    expect(ledger.toldTo('a')).toEqual([
      { what: 'assigned', partitions: ['0', '1', '2'] },
      { what: 'assigned', partitions: ['0', '1'] },
    ]);
    member.subscribe([second]);
    await ledger.settles({ a: 2 });
    expect(ledger.held('a')).toEqual([`${second}/0`, `${second}/1`]);
    member.subscribe([]);
    await ledger.settles({ a: 0 });
    member.subscribe([first]);
    await ledger.settles({ a: 3 });
  });

  it('gives out partitions that are added, and a topic that is made later', async () => {
    const ledger = newLedger();
    const topic = await newTopic(2);
    const later = freshTopic('later');
    topics.push(later);
    ledger.join(log, 'a', { ...SESSION, topics: [topic, later] });
    await ledger.settles({ a: 2 });
    await log.admin.addPartitions(topic, 4);
    await log.admin.createTopic({ name: later, partitions: 1 });
    await ledger.settles({ a: 5 });
    expect(ledger.told.every(({ what }) => what === 'assigned')).toBe(true);
  });

  it('commits offsets where Kafka’s tools look for them', async () => {
    const ledger = newLedger();
    const topic = await newTopic(2);
    const member = ledger.join(log, 'a', { ...SESSION, topics: [topic] });
    await ledger.settles({ a: 2 });
    await member.commit([
      { topic, partition: 0, offset: 17, leaderEpoch: 0 },
      { topic, partition: 1, offset: 4 },
    ]);
    const admin = new Kafka({ brokers: [testKafka()], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const offsets = await admin.fetchOffsets({ groupId: ledger.groupId, topics: [topic] });
    const { groups } = await admin.describeGroups([ledger.groupId]);
    await admin.disconnect();
    expect(offsets[0]?.partitions.map(({ offset }) => offset)).toEqual(['17', '4']);
    expect(groups[0]).toMatchObject({ protocolType: 'consumer', protocol: 'millrace-cooperative' });
    const { memberMetadata, memberAssignment } = groups[0]?.members[0] ?? {};
    const { MemberMetadata, MemberAssignment } = AssignerProtocol;
    expect(MemberMetadata.decode(memberMetadata ?? Buffer.alloc(0))?.topics).toEqual([topic]);
    expect(MemberAssignment.decode(memberAssignment ?? Buffer.alloc(0))?.assignment).toEqual({
      [topic]: [0, 1],
    });
  });

  it('refuses to commit for a partition that another member holds', async () => {
    const ledger = newLedger();
    const topic = await newTopic(2);
    const a = ledger.join(log, 'a', { ...SESSION, topics: [topic] });
    ledger.join(log, 'b', { ...SESSION, topics: [topic] });
    await ledger.settles({ a: 1, b: 1 });
    const partition = Number(ledger.held('b')[0]?.split('/')[1]);
    await expect(a.commit([{ topic, partition, offset: 1 }])).rejects.toThrow(LogMembershipLost);
  });

  it('tells a member that was put out that all is lost, refuses its commit, and lets it in again', async () => {
    const ledger = newLedger();
    const topic = await newTopic(2);
    const member = ledger.join(log, 'a', { ...SESSION, topics: [topic] });
    await ledger.settles({ a: 2 });
    const admin = new Kafka({ brokers: [testKafka()], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const { groups } = await admin.describeGroups([ledger.groupId]);
    await admin.disconnect();
    const cluster = new Cluster({ brokers: [testKafka()], ssl: false });
    const options = { groupId: ledger.groupId, listener: {} as PartitionGroupListener };
    const requests = new GroupCoordinator(cluster, ledger.groupId, groupTimes(options));
    await requests.leave(groups[0]?.members[0]?.memberId ?? '');
    cluster.close();
    const offsets = [{ topic, partition: 0, offset: 1 }];
    await expect(member.commit(offsets)).rejects.toThrow(LogMembershipLost);
    await eventually(
      () => ledger.toldTo('a').map(({ what }) => what),
      (told) => told.join() === 'assigned,lost,assigned',
    );
    await member.commit(offsets);
    expect(member.trouble).toBeUndefined();
  });
});
