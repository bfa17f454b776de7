import { ErrorCode } from '../../protocol/error-codes.js';
import { GroupMemory } from '../group-memory.js';
import { Group } from '../group.js';
import type { JoinRequest, JoinResult, SyncResult } from '../messages.js';
import type { Timers } from '../timers.js';

/** A clock that moves when told. */
export class ManualTimers implements Timers {
  private time = 0;
  private readonly pending = new Set<{ at: number; callback: () => void }>();

  now(): number {
    return this.time;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.time + ms, callback };
    this.pending.add(timer);
    return () => this.pending.delete(timer);
  }

  advance(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const due = [...this.pending].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.time = due.at;
      this.pending.delete(due);
      due.callback();
    }
    this.time = end;
  }
}

/** A first join of a dynamic member. */
export const JOIN: JoinRequest = {
  memberId: '',
  instanceId: null,
  clientId: 'client',
  clientHost: '/127.0.0.1',
  protocolType: 'consumer',
  protocols: [{ name: 'range', metadata: Buffer.from('m') }],
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 60_000,
  requireKnownMemberId: false,
  canSkipAssignment: true,
};

/** The answer, once there is one. */
export interface Latest<T> {
  result: T | undefined;
}

/** A group without members, its clock, and its requests. */
export function setUp(initialRebalanceDelayMs = 0) {
  const timers = new ManualTimers();
  const memory = new GroupMemory(Infinity);
  const onChange = (): void => undefined;
  const group = new Group('g', { timers, memory, initialRebalanceDelayMs, onChange });
  const join = (request: Partial<JoinRequest> = {}): Latest<JoinResult> => {
    const latest: Latest<JoinResult> = { result: undefined };
    group.join({ ...JOIN, ...request }, (result) => (latest.result = result));
    return latest;
  };
  const sync = (joined: JoinResult, assignments: Record<string, string> = {}) => {
    const latest: Latest<SyncResult> = { result: undefined };
    group.sync(
      {
        memberId: joined.memberId,
        instanceId: null,
        generation: joined.generation,
        protocolType: null,
        protocol: null,
        assignments: new Map(Object.entries(assignments).map(([k, v]) => [k, Buffer.from(v)])),
      },
      (result) => (latest.result = result),
    );
    return latest;
  };
  const heartbeat = (joined: JoinResult): ErrorCode =>
    group.heartbeat({
      memberId: joined.memberId,
      instanceId: null,
      generation: joined.generation,
    });
  return { timers, group, join, sync, heartbeat };
}

/** A membership of somebody who is none. */
export const JOINED_NOWHERE: JoinResult = {
  error: ErrorCode.NONE,
  generation: 1,
  protocolType: null,
  protocol: null,
  leader: '',
  memberId: 'nobody',
  skipAssignment: false,
  members: [],
};
