import { randomUUID } from 'node:crypto';
import { ErrorCode } from '../protocol/error-codes.js';
import {
  commitError,
  generationError,
  joinError,
  memberError,
  needsRebalance,
  syncError,
} from './admission.js';
import type { GroupState } from './group-state.js';
import { Member, type KeptGeneration } from './member.js';
import type {
  JoinRequest,
  JoinResult,
  Membership,
  Reply,
  SyncRequest,
  SyncResult,
} from './messages.js';
import { Rebalance, type RebalancedGroup, type RebalanceOptions } from './rebalance.js';
import { refusedJoin, refusedSync } from './refusals.js';
import { cameBack, follows, joined, synced } from './replies.js';
import { Roster } from './roster.js';

const NOTHING = Buffer.alloc(0);

/** What a group needs from its surroundings. */
export interface GroupOptions extends RebalanceOptions {
  /** Called when generation, members or assignments changed in a way worth keeping. */
  readonly onChange: (group: Group) => void;
}

/**
 * The classic rebalance protocol of one consumer group, as Kafka's coordinator runs it:
 * a state machine over members, driven by requests and timers, free of I/O.
 */
export class Group implements RebalancedGroup {
  state: GroupState = 'Empty';
  generation = 0;
  protocolType: string | null = null;
  protocol: string | null = null;
  readonly roster: Roster;
  /** When the state last changed, in milliseconds since the epoch. */
  stateSince: number;
  readonly rebalance: Rebalance;

  constructor(
    readonly id: string,
    private readonly options: GroupOptions,
  ) {
    this.stateSince = options.timers.now();
    this.roster = new Roster(options.memory, id);
    this.rebalance = new Rebalance(this, options);
  }

  /** A member wants in, or back in. Answered when all have joined or the rebalance times out. */
  join(request: JoinRequest, reply: Reply<JoinResult>): void {
    const error = joinError(this, request);
    if (error !== ErrorCode.NONE) return reply(refusedJoin(error, request.memberId));
    if (request.memberId === '') this.joinUnknown(request, reply);
    else this.joinKnown(request, reply);
  }

  private joinUnknown(request: JoinRequest, reply: Reply<JoinResult>): void {
    const memberId = `${request.instanceId ?? request.clientId}-${randomUUID()}`;
    if (request.instanceId !== null) {
      const formerId = this.roster.idOfInstance(request.instanceId);
      if (formerId === undefined) this.addAndRebalance(memberId, request, reply);
      else this.replaceStatic(this.roster.get(formerId)!, memberId, request, reply);
    } else if (request.requireKnownMemberId) {
      this.rebalance.pending.expect(memberId, request.sessionTimeoutMs);
      reply(refusedJoin(ErrorCode.MEMBER_ID_REQUIRED, memberId));
    } else {
      this.addAndRebalance(memberId, request, reply);
    }
  }

  private joinKnown(request: JoinRequest, reply: Reply<JoinResult>): void {
    if (request.instanceId === null && this.rebalance.pending.take(request.memberId)) {
      return this.addAndRebalance(request.memberId, request, reply);
    }
    const error = memberError(this, request);
    if (error !== ErrorCode.NONE) return reply(refusedJoin(error, request.memberId));
    const member = this.roster.get(request.memberId)!;
    if (needsRebalance(this, member, request)) this.updateAndRebalance(member, request, reply);
    else {
      reply(joined(this, member));
      this.keepAlive(member);
    }
  }

  private addAndRebalance(id: string, request: JoinRequest, reply: Reply<JoinResult>): void {
    const member = new Member(id, request);
    member.awaitingJoin = reply;
    this.roster.add(member);
    if (this.roster.size === 1) this.protocolType = request.protocolType;
    this.keepAlive(member);
    this.rebalance.prepare();
  }

  private updateAndRebalance(member: Member, request: JoinRequest, reply: Reply<JoinResult>): void {
    this.roster.update(member, request);
    member.awaitingJoin?.(refusedJoin(ErrorCode.UNKNOWN_MEMBER_ID, member.id));
    member.awaitingJoin = reply;
    this.rebalance.prepare();
  }

  /** A static member restarted: its former id is fenced, its assignment stays if it may. */
  private replaceStatic(
    former: Member,
    memberId: string,
    request: JoinRequest,
    reply: Reply<JoinResult>,
  ): void {
    former.refuse(ErrorCode.FENCED_INSTANCE_ID);
    former.cancelSession();
    this.rebalance.noLongerAwaited(former.id);
    const { leaderId } = this.roster;
    const member = new Member(memberId, request);
    member.assignment = former.assignment;
    this.roster.replace(former, member);
    this.keepAlive(member);
    // What it says of itself counts at the next rebalance only, as in Kafka: a Java client says
    // what it owns, which is never the same after a restart.
    if (this.state === 'Stable' && this.roster.selectProtocol() === this.protocol) {
      this.options.onChange(this);
      reply(request.canSkipAssignment ? cameBack(this, member) : follows(this, member, leaderId));
    } else {
      member.awaitingJoin = reply;
      this.rebalance.prepare();
    }
  }

  /** The last member is gone; offsets stay. */
  becomeEmpty(): void {
    this.protocol = null;
    this.enter('Empty');
    this.options.onChange(this);
  }

  /** A member asks for its assignment; the leader brings all of them. */
  sync(request: SyncRequest, reply: Reply<SyncResult>): void {
    const error = syncError(this, request);
    if (error !== ErrorCode.NONE) return reply(refusedSync(error));
    const member = this.roster.get(request.memberId)!;
    this.rebalance.noLongerAwaited(member.id);
    if (this.state === 'Stable') {
      this.keepAlive(member);
      return reply(synced(this, member));
    }
    member.awaitingSync = reply;
    if (member.id === this.roster.leaderId) this.assign(request.assignments);
  }

  private assign(assignments: ReadonlyMap<string, Buffer>): void {
    this.enter('Stable');
    this.roster.assign(({ id }) => assignments.get(id) ?? NOTHING);
    this.options.onChange(this);
    for (const member of this.roster.all()) {
      const reply = member.awaitingSync;
      member.awaitingSync = undefined;
      if (!reply) continue;
      this.keepAlive(member);
      reply(synced(this, member));
    }
    this.rebalance.assigned();
  }

  /** A sign of life; REBALANCE_IN_PROGRESS tells the member to join again. */
  heartbeat(membership: Membership): ErrorCode {
    const error = generationError(this, membership);
    if (error !== ErrorCode.NONE) return error;
    this.keepAlive(this.roster.get(membership.memberId)!);
    return this.state === 'PreparingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
  }

  /** Removes a member by its id, or a static one by its name alone. */
  leave(memberId: string, instanceId: string | null): ErrorCode {
    if (this.state === 'Dead') return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    if (this.rebalance.pending.forget(memberId)) return ErrorCode.NONE;
    const id = memberId === '' ? this.roster.idOfInstance(instanceId) : memberId;
    if (id === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
    const error = memberError(this, { memberId: id, instanceId });
    if (error === ErrorCode.NONE) this.removeAndRebalance(this.roster.get(id)!);
    return error;
  }

  private removeAndRebalance(member: Member): void {
    member.refuse(ErrorCode.UNKNOWN_MEMBER_ID);
    this.drop(member);
    this.rebalance.prepare();
  }

  /** Takes a member out, without a rebalance. */
  drop(member: Member): void {
    member.cancelSession();
    this.rebalance.noLongerAwaited(member.id);
    this.roster.remove(member);
  }

  /** Restarts a member's session clock. Who waits for an answer of ours is not timed out. */
  keepAlive(member: Member): void {
    member.cancelSession();
    member.cancelSession = this.options.timers.after(member.sessionTimeoutMs, () => {
      if (this.roster.get(member.id) !== member) return;
      if (member.awaitingJoin || member.awaitingSync) this.keepAlive(member);
      else this.removeAndRebalance(member);
    });
  }

  /** Whether a membership may commit offsets now; a member that asks is alive. */
  commitError(membership: Membership, inTransaction = false): ErrorCode {
    const error = commitError(this, membership, inTransaction);
    const member = this.roster.get(membership.memberId);
    if (member && generationError(this, membership) === ErrorCode.NONE) this.keepAlive(member);
    return error;
  }

  /** Ends the group for good; nobody may be in it. */
  die(): void {
    this.rebalance.stop();
    this.roster.dissolve();
    this.enter('Dead');
  }

  /** Brings back what was kept over a restart: members have their session time to show up. */
  restore(kept: KeptGeneration): void {
    this.generation = kept.generation;
    this.protocolType = kept.protocolType;
    this.protocol = kept.protocol;
    for (const member of kept.members) this.roster.add(member);
    this.stateSince = kept.stateSince ?? this.stateSince;
    if (this.roster.size === 0) return;
    this.roster.leaderId = kept.leaderId;
    this.enter('Stable');
    for (const member of kept.members) this.keepAlive(member);
  }

  enter(state: GroupState): void {
    this.state = state;
    this.stateSince = this.options.timers.now();
  }
}
