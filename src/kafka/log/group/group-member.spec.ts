import type { TopicPartition } from '../event-log.js';
import { LogMembershipLost, LogRequestInvalid } from '../log.errors.js';
import { GroupMember } from './group-member.js';
import { FakeGroup, FakeListener } from './testing/fake-group.js';

const partitions = (...numbers: number[]): readonly TopicPartition[] =>
  numbers.map((partition) => ({ topic: 'events', partition }));
const at = (partition: number) => [{ topic: 'events', partition, offset: 1 }];

/** Waits until a condition holds; jest's time-out is the bound. */
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) {
    await new Promise((resolve) => {
      setTimeout(resolve, 2);
    });
  }
};

describe('a member of a group', () => {
  let group: FakeGroup;
  let listener: FakeListener;
  let member: GroupMember;
  let sessionTimeoutMs: number;

  const join = async (...assigned: number[]): Promise<void> => {
    group.assigns = partitions(...assigned);
    const options = { groupId: 'g', listener, topics: ['events'] };
    const times = {
      sessionTimeoutMs,
      rebalanceTimeoutMs: 2_000,
      heartbeatEveryMs: 20,
      lookEveryMs: 60_000,
    };
    member = new GroupMember(options, times, group, { topics: async () => new Map() });
    await until(() => listener.told.length > 0);
  };

  beforeEach(() => {
    group = new FakeGroup();
    listener = new FakeListener();
    sessionTimeoutMs = 30_000;
  });

  afterEach(async () => {
    group.joinGate.open();
    listener.gate.open();
    await member.leave();
  });

  it('says what it holds when it joins again, and is told the differences only', async () => {
    await join(0, 1);
    group.assigns = partitions(1, 2);
    group.next.heartbeat.push('rejoin');
    await until(() => group.joins.length === 3);
    expect(listener.told).toEqual(['assigned 0,1', 'assigned 2', 'revoking 0', 'revoked 0']);
    expect(group.joins.map(({ owned }) => owned)).toEqual([[], partitions(0, 1), partitions(1, 2)]);
  });

  it('may commit what it hands back until that is done', async () => {
    await join(0);
    listener.gate.shut();
    group.assigns = [];
    group.next.heartbeat.push('rejoin');
    await until(() => listener.told.includes('revoking 0'));
    await member.commit(at(0));
    expect(group.commits).toHaveLength(1);
    listener.gate.open();
    await until(() => group.joins.length === 3);
    await expect(member.commit(at(0))).rejects.toThrow(LogMembershipLost);
  });

  it('stays alive while its join waits for the others', async () => {
    await join(0);
    group.joinGate.shut();
    group.next.heartbeat.push('rejoin');
    await until(() => group.joins.length === 2);
    const since = performance.now() + 100;
    await until(() => (member.lastHeartbeatAt ?? 0) > since);
    expect(listener.told).toEqual(['assigned 0']);
  });

  it('does not take a heartbeat’s word while it joins: the generation is just changing', async () => {
    await join(0);
    group.joinGate.shut();
    group.next.heartbeat.push('rejoin');
    await until(() => group.joins.length === 2);
    const { heartbeats } = group;
    group.next.heartbeat.push('outdated', 'unknown');
    await until(() => group.heartbeats > heartbeats + 2);
    group.joinGate.open();
    await member.commit(at(0));
    expect(listener.told).toEqual(['assigned 0']);
  });

  it('commits again, under the new generation, where the old one ended on the way', async () => {
    await join(0);
    group.joinGate.shut();
    group.next.heartbeat.push('rejoin');
    await until(() => group.joins.length === 2);
    group.next.commit.push('outdated', 'rejoin');
    const committing = member.commit(at(0));
    await until(() => group.commits.length > 0);
    group.joinGate.open();
    await committing;
    expect(group.commits.at(-1)?.generation).toBe(2);
    expect(listener.told).toEqual(['assigned 0']);
  });

  it.each(['outdated', 'unknown'] as const)(
    'has lost everything when a commit is refused as %s',
    async (standing) => {
      await join(0, 1);
      group.next.commit.push(standing);
      await expect(member.commit(at(0))).rejects.toThrow(LogMembershipLost);
      await until(() => listener.told.length === 3);
      expect(listener.told).toEqual(['assigned 0,1', 'lost 0,1', 'assigned 0,1']);
      expect(group.joins[1]).toEqual({
        memberId: standing === 'unknown' ? '' : 'member-1',
        owned: [],
      });
    },
  );

  it('has lost everything when the session time-out passes in silence, also while it joins', async () => {
    sessionTimeoutMs = 1_000;
    await join(0);
    group.joinGate.shut();
    group.next.heartbeat.push('rejoin');
    await until(() => group.joins.length === 2);
    const last = member.lastHeartbeatAt ?? Infinity;
    group.silent = true;
    await until(() => listener.told.includes('lost 0'));
    expect(performance.now() - last).toBeGreaterThanOrEqual(sessionTimeoutMs);
    expect(member.lastHeartbeatAt).toBeUndefined();
    expect(member.trouble).toMatchObject({ code: 'LOG.UNAVAILABLE' });
    expect(group.hangUps).toBe(1);
    group.joinGate.open();
    group.silent = false;
    await until(() => listener.told.at(-1) === 'assigned 0');
    expect(group.joins.at(-1)).toEqual({ memberId: 'member-1', owned: [] });
    expect(member.trouble).toBeUndefined();
  });

  it('hears of a loss after the hand-over in progress, without what that is about', async () => {
    await join(0, 1);
    listener.gate.shut();
    group.assigns = partitions(1);
    group.next.heartbeat.push('rejoin');
    await until(() => listener.told.includes('revoking 0'));
    group.next.heartbeat.push('unknown');
    await until(() => member.lastHeartbeatAt === undefined);
    listener.gate.open();
    await until(() => listener.told.length === 5);
    expect(listener.told).toEqual([
      'assigned 0,1',
      'revoking 0',
      'revoked 0',
      'lost 1',
      'assigned 1',
    ]);
  });

  it('goes on when a hand-over takes longer than the group waits', async () => {
    await join(0);
    listener.gate.shut();
    group.assigns = [];
    group.next.heartbeat.push('rejoin');
    await until(() => group.joins.length === 3);
    expect(group.joins[2]?.owned).toEqual([]);
    expect(listener.told).toEqual(['assigned 0', 'revoking 0']);
  });

  it('leaves at once, also while its join waits for the others', async () => {
    await join(0);
    group.joinGate.shut();
    group.next.heartbeat.push('rejoin');
    await until(() => group.joins.length === 2);
    await member.leave();
    expect(listener.told).toEqual(['assigned 0', 'revoking 0', 'revoked 0']);
    expect(group.left).toEqual(['member-1']);
    expect(member.lastHeartbeatAt).toBeUndefined();
    await expect(member.commit(at(0))).rejects.toThrow(LogMembershipLost);
  });

  it('begins anew when Kafka forgot it between join and sync', async () => {
    group.next.sync.push('rejoin', 'unknown');
    await join(0);
    expect(group.joins.map(({ memberId }) => memberId)).toEqual(['', 'member-1', '']);
    expect(listener.told).toEqual(['assigned 0']);
  });

  it('goes on trying what Kafka refuses, and says why it is not in', async () => {
    const refused = new LogRequestInvalid('refused');
    const { join: accept } = group;
    group.join = async () => {
      throw refused;
    };
    const joining = join(0);
    await until(() => member.trouble === refused);
    group.join = accept;
    await joining;
    expect(member.trouble).toBeUndefined();
  });
});
