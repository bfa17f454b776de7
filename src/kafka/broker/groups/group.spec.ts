import * as fc from 'fast-check';
import { ErrorCode } from '../protocol/error-codes.js';
import type { JoinResult } from './messages.js';
import { JOIN, JOINED_NOWHERE, setUp, type Latest } from './testing/group-fixture.js';

describe('a consumer group', () => {
  it('makes the first member the leader of generation 1, at once', () => {
    const { group, join, sync } = setUp();
    const joined = join().result!;
    expect(joined).toMatchObject({ error: 0, generation: 1, leader: joined.memberId });
    expect(joined.members).toHaveLength(1);
    expect(group.state).toBe('CompletingRebalance');
    expect(sync(joined, { [joined.memberId]: 'all' }).result!.assignment.toString()).toBe('all');
    expect(group.state).toBe('Stable');
  });

  it('waits for more members first where it is told to', () => {
    const { timers, join } = setUp(3000);
    const first = join();
    const second = join();
    expect(first.result).toBeUndefined();
    timers.advance(3000);
    expect(first.result).toMatchObject({ generation: 1 });
    expect(second.result).toMatchObject({ generation: 1, leader: first.result!.memberId });
  });

  it('holds a newcomer until the others have joined again, and tells them to by heartbeat', () => {
    const { join, sync, heartbeat } = setUp();
    const first = join().result!;
    sync(first);
    const newcomer = join();
    expect(newcomer.result).toBeUndefined();
    expect(heartbeat(first)).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
    const again = join({ memberId: first.memberId });
    expect(again.result).toMatchObject({ generation: 2 });
    expect(again.result!.members).toHaveLength(2);
    expect(newcomer.result).toMatchObject({ generation: 2, members: [] });
  });

  it('asks for a known member id, and keeps a place for it for a session timeout', () => {
    const { timers, join } = setUp();
    const asked = join({ requireKnownMemberId: true }).result!;
    expect(asked.error).toBe(ErrorCode.MEMBER_ID_REQUIRED);
    const other = join();
    expect(other.result).toBeUndefined();
    timers.advance(JOIN.sessionTimeoutMs);
    expect(other.result).toMatchObject({ error: 0, generation: 1 });
    const late = join({ memberId: asked.memberId, requireKnownMemberId: true });
    expect(late.result!.error).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  });

  it('hands assignments to followers only when the leader brings them', () => {
    const { timers, join, sync } = setUp(10);
    const leader = join();
    const follower = join();
    timers.advance(10);
    const waiting = sync(follower.result!);
    expect(waiting.result).toBeUndefined();
    sync(leader.result!, { [follower.result!.memberId]: 'yours' });
    expect(waiting.result!.assignment.toString()).toBe('yours');
  });

  it('knows nothing of a member that never joined', () => {
    const { sync } = setUp();
    expect(sync(JOINED_NOWHERE).result!.error).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  });

  it('refuses a sync while a rebalance has begun anew', () => {
    const { join, sync } = setUp();
    const first = join().result!;
    sync(first);
    const second = join();
    const again = join({ memberId: first.memberId }).result!;
    const waiting = sync(second.result!);
    expect(waiting.result).toBeUndefined();
    join();
    expect(waiting.result!.error).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
    expect(sync(again).result!.error).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
  });

  it('expels a member whose session timed out, and rebalances the others', () => {
    const { timers, group, join, sync, heartbeat } = setUp();
    const first = join().result!;
    sync(first);
    const second = join();
    const again = join({ memberId: first.memberId }).result!;
    sync(again);
    sync(second.result!);
    timers.advance(9_000);
    expect(heartbeat(again)).toBe(ErrorCode.NONE);
    timers.advance(9_000);
    expect(group.roster.size).toBe(1);
    expect(heartbeat(again)).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
    expect(heartbeat(second.result!)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  });

  it('begins the next generation without who did not join within the rebalance timeout', () => {
    const { timers, join, sync } = setUp();
    const first = join({ sessionTimeoutMs: 300_000 }).result!;
    sync(first);
    const newcomer = join();
    timers.advance(JOIN.rebalanceTimeoutMs);
    expect(newcomer.result).toMatchObject({ generation: 2, leader: newcomer.result!.memberId });
  });

  it('expels who does not sync within the rebalance timeout', () => {
    const { timers, group, join } = setUp();
    join({ sessionTimeoutMs: 300_000 });
    timers.advance(JOIN.rebalanceTimeoutMs);
    expect(group.state).toBe('Empty');
  });

  it('gives a restarted static member its assignment back without a rebalance', () => {
    const { group, join, sync } = setUp();
    const first = join({ instanceId: 'i' }).result!;
    sync(first, { [first.memberId]: 'mine' });
    const back = join({ instanceId: 'i' }).result!;
    expect(back).toMatchObject({ error: 0, generation: 1, skipAssignment: true });
    expect(back.memberId).not.toBe(first.memberId);
    expect(group.state).toBe('Stable');
    expect(sync(back).result!.assignment.toString()).toBe('mine');
    const former = { memberId: first.memberId, instanceId: 'i', generation: 1 };
    expect(group.heartbeat(former)).toBe(ErrorCode.FENCED_INSTANCE_ID);
  });

  it('lets a static member leave by its name alone', () => {
    const { group, join } = setUp();
    join({ instanceId: 'i' });
    expect(group.leave('', 'i')).toBe(ErrorCode.NONE);
    expect(group.state).toBe('Empty');
  });

  it('refuses a member that shares no protocol with the others', () => {
    const { join } = setUp();
    join();
    const other = join({ protocols: [{ name: 'sticky', metadata: Buffer.alloc(0) }] });
    expect(other.result!.error).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
  });

  it('takes commits of its generation only, and of anyone while it is empty', () => {
    const { group, join, sync } = setUp();
    const anyone = { memberId: '', instanceId: null, generation: -1 };
    expect(group.commitError(anyone)).toBe(ErrorCode.NONE);
    const { memberId } = join().result!;
    const member = { memberId, instanceId: null, generation: 1 };
    expect(group.commitError(anyone)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    expect(group.commitError(member)).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
    sync({ ...JOINED_NOWHERE, memberId, generation: 1 });
    expect(group.commitError(member)).toBe(ErrorCode.NONE);
    expect(group.commitError({ ...member, generation: 0 })).toBe(ErrorCode.ILLEGAL_GENERATION);
  });

  it('settles whatever members do: all that keep joining end up in one generation', () => {
    const step = fc.record({
      who: fc.nat(4),
      action: fc.constantFrom('join', 'leave', 'sync', 'wait' as const),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { timers, group, join, sync } = setUp();
        const members = new Map<number, Latest<JoinResult>>();
        const rejoin = (who: number): void => {
          const known = members.get(who)?.result?.memberId ?? '';
          let joined = join({ memberId: known });
          if (joined.result?.error === ErrorCode.UNKNOWN_MEMBER_ID) joined = join();
          members.set(who, joined);
        };
        for (const { who, action } of steps) {
          const result = members.get(who)?.result;
          if (action === 'join' && (result || !members.has(who))) rejoin(who);
          else if (action === 'leave' && result) group.leave(result.memberId, null);
          else if (action === 'sync' && result) sync(result);
          else if (action === 'wait') timers.advance(3_000);
        }
        for (let round = 0; round < 4; round++) {
          for (const [who, joined] of members) if (joined.result) rejoin(who);
          timers.advance(20);
        }
        timers.advance(JOIN.rebalanceTimeoutMs);
        expect(['Empty', 'CompletingRebalance', 'Stable']).toContain(group.state);
        for (const { result } of members.values()) expect(result).toBeDefined();
      }),
      { numRuns: 300 },
    );
  });
});
