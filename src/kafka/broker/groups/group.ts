/*
 * Longer than most files here: the five states and the transitions between them are one thing,
 * and are easier to check against Kafka's coordinator on one page.
 */
import { randomUUID } from 'node:crypto';
import { ErrorCode } from '../protocol/error-codes.js';
import { Member } from './member.js';
import type {
  JoinRequest,
  JoinResult,
  Membership,
  Reply,
  SyncRequest,
  SyncResult,
} from './messages.js';
import { Roster } from './roster.js';
import type { Timers } from './timers.js';

export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead';

const NOTHING = Buffer.alloc(0);

/** What a group needs from its surroundings. */
export interface GroupOptions {
  readonly timers: Timers;
  /** Wait of an empty group for more members (`group.initial.rebalance.delay.ms`). */
  readonly initialRebalanceDelayMs: number;
  /** Called when generation, members or assignments changed in a way worth keeping. */
  readonly onChange: (group: Group) => void;
}

/**
 * The classic rebalance protocol of one consumer group, as Kafka's coordinator runs it:
 * a state machine over members, driven by requests and timers, free of I/O.
 */
export class Group {
  state: GroupState = 'Empty';
  generation = 0;
  protocolType: string | null = null;
  protocol: string | null = null;
  readonly roster = new Roster();
  /** When the state last changed, in milliseconds since the epoch. */
  stateSince: number;
  /** Member ids handed out (KIP-394) that have not come back; each with its timer. */
  private readonly pending = new Map<string, () => void>();
  private readonly unsynced = new Set<string>();
  private cancelRebalance: () => void = () => undefined;
  private cancelSyncDeadline: () => void = () => undefined;
  private initialDelayOver = true;

  constructor(
    readonly id: string,
    private readonly options: GroupOptions,
  ) {
    this.stateSince = options.timers.now();
  }

  /** A member wants in, or back in. Answered when all have joined or the rebalance times out. */
  join(request: JoinRequest, reply: Reply<JoinResult>): void {
    const error = this.joinError(request);
    if (error !== ErrorCode.NONE) return reply(this.refusedJoin(error, request.memberId));
    if (request.memberId === '') this.joinUnknown(request, reply);
    else this.joinKnown(request, reply);
  }

  private joinError(request: JoinRequest): ErrorCode {
    if (this.state === 'Dead') return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    if (request.protocolType === '' || request.protocols.length === 0) {
      return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
    }
    if (this.state === 'Empty') return ErrorCode.NONE;
    const fits =
      request.protocolType === this.protocolType && this.roster.supports(request.protocols);
    return fits ? ErrorCode.NONE : ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
  }

  private joinUnknown(request: JoinRequest, reply: Reply<JoinResult>): void {
    const memberId = `${request.instanceId ?? request.clientId}-${randomUUID()}`;
    if (request.instanceId !== null) {
      const formerId = this.roster.idOfInstance(request.instanceId);
      if (formerId === undefined) this.addAndRebalance(memberId, request, reply);
      else this.replaceStatic(this.roster.get(formerId)!, memberId, request, reply);
    } else if (request.requireKnownMemberId) {
      this.expectBack(memberId, request.sessionTimeoutMs);
      reply(this.refusedJoin(ErrorCode.MEMBER_ID_REQUIRED, memberId));
    } else {
      this.addAndRebalance(memberId, request, reply);
    }
  }

  private expectBack(memberId: string, sessionTimeoutMs: number): void {
    const cancel = this.options.timers.after(sessionTimeoutMs, () => this.forgetPending(memberId));
    this.pending.set(memberId, cancel);
  }

  private forgetPending(memberId: string): void {
    this.pending.get(memberId)?.();
    if (this.pending.delete(memberId) && this.state === 'PreparingRebalance') this.tryFinishJoin();
  }

  private joinKnown(request: JoinRequest, reply: Reply<JoinResult>): void {
    if (this.pending.has(request.memberId) && request.instanceId === null) {
      this.pending.get(request.memberId)?.();
      this.pending.delete(request.memberId);
      return this.addAndRebalance(request.memberId, request, reply);
    }
    const error = this.memberError(request);
    if (error !== ErrorCode.NONE) return reply(this.refusedJoin(error, request.memberId));
    const member = this.roster.get(request.memberId)!;
    if (this.needsRebalance(member, request)) this.updateAndRebalance(member, request, reply);
    else {
      reply(this.joined(member));
      this.keepAlive(member);
    }
  }

  private needsRebalance(member: Member, request: JoinRequest): boolean {
    switch (this.state) {
      case 'CompletingRebalance':
        return !member.offersSame(request.protocols);
      case 'Stable':
        return this.roster.leaderId === member.id || !member.offersSame(request.protocols);
      default:
        return true;
    }
  }

  private addAndRebalance(id: string, request: JoinRequest, reply: Reply<JoinResult>): void {
    const member = new Member(id, request);
    member.awaitingJoin = reply;
    this.roster.add(member);
    if (this.roster.size === 1) this.protocolType = request.protocolType;
    this.keepAlive(member);
    this.prepareRebalance();
  }

  private updateAndRebalance(member: Member, request: JoinRequest, reply: Reply<JoinResult>): void {
    member.update(request);
    member.awaitingJoin?.(this.refusedJoin(ErrorCode.UNKNOWN_MEMBER_ID, member.id));
    member.awaitingJoin = reply;
    this.prepareRebalance();
  }

  /** A static member restarted: its former id is fenced, its assignment stays if it may. */
  private replaceStatic(
    former: Member,
    memberId: string,
    request: JoinRequest,
    reply: Reply<JoinResult>,
  ): void {
    former.awaitingJoin?.(this.refusedJoin(ErrorCode.FENCED_INSTANCE_ID, former.id));
    former.awaitingSync?.(this.refusedSync(ErrorCode.FENCED_INSTANCE_ID));
    former.cancelSession();
    this.unsynced.delete(former.id);
    const formerMetadata = former.metadataFor(this.protocol);
    const member = new Member(memberId, request);
    member.assignment = former.assignment;
    this.roster.replace(former, member);
    this.keepAlive(member);
    const same =
      this.roster.selectProtocol() === this.protocol &&
      formerMetadata.equals(member.metadataFor(this.protocol));
    if (this.state === 'Stable' && same) {
      this.options.onChange(this);
      reply({ ...this.joined(member), skipAssignment: this.roster.leaderId === memberId });
    } else {
      member.awaitingJoin = reply;
      this.prepareRebalance();
    }
  }

  private prepareRebalance(): void {
    if (this.state === 'PreparingRebalance') return this.tryFinishJoin();
    if (this.state === 'CompletingRebalance') this.refuseSyncs(ErrorCode.REBALANCE_IN_PROGRESS);
    this.cancelSyncDeadline();
    const initialDelay = this.state === 'Empty' ? this.options.initialRebalanceDelayMs : 0;
    this.enter('PreparingRebalance');
    this.initialDelayOver = initialDelay === 0;
    if (!this.initialDelayOver) {
      this.cancelRebalance = this.options.timers.after(initialDelay, () => {
        this.initialDelayOver = true;
        this.startJoinDeadline();
        this.tryFinishJoin();
      });
      return;
    }
    this.startJoinDeadline();
    this.tryFinishJoin();
  }

  private startJoinDeadline(): void {
    this.cancelRebalance = this.options.timers.after(this.roster.longestRebalanceTimeoutMs(), () =>
      this.finishJoin(),
    );
  }

  private tryFinishJoin(): void {
    const allIn = this.roster.all().every((member) => member.awaitingJoin);
    if (allIn && this.pending.size === 0 && this.initialDelayOver) this.finishJoin();
  }

  /** All have joined, or time is up: the absent leave, and a new generation begins. */
  private finishJoin(): void {
    this.cancelRebalance();
    for (const member of this.roster.all()) {
      if (!member.awaitingJoin && !member.isStatic) this.drop(member);
    }
    if (this.roster.size > 0 && !this.roster.electJoinedLeader()) return this.startJoinDeadline();
    this.generation++;
    if (this.roster.size === 0) return this.becomeEmpty();
    this.protocol = this.roster.selectProtocol();
    this.enter('CompletingRebalance');
    this.announceGeneration();
  }

  private announceGeneration(): void {
    for (const member of this.roster.all()) {
      this.unsynced.add(member.id);
      const reply = member.awaitingJoin;
      member.awaitingJoin = undefined;
      this.keepAlive(member);
      reply?.(this.joined(member));
    }
    const deadline = this.roster.longestRebalanceTimeoutMs();
    this.cancelSyncDeadline = this.options.timers.after(deadline, () => this.expelUnsynced());
  }

  private expelUnsynced(): void {
    const late = [...this.unsynced].map((id) => this.roster.get(id)).filter((m) => m !== undefined);
    for (const member of late) this.drop(member);
    if (late.length > 0) this.prepareRebalance();
  }

  private becomeEmpty(): void {
    this.protocol = null;
    this.enter('Empty');
    this.options.onChange(this);
  }

  /** A member asks for its assignment; the leader brings all of them. */
  sync(request: SyncRequest, reply: Reply<SyncResult>): void {
    const error = this.syncError(request);
    if (error !== ErrorCode.NONE) return reply(this.refusedSync(error));
    const member = this.roster.get(request.memberId)!;
    this.unsynced.delete(member.id);
    if (this.state === 'Stable') {
      this.keepAlive(member);
      return reply(this.synced(member));
    }
    member.awaitingSync = reply;
    if (member.id === this.roster.leaderId) this.assign(request.assignments);
  }

  private syncError(request: SyncRequest): ErrorCode {
    const error = this.generationError(request);
    if (error !== ErrorCode.NONE) return error;
    const typeDiffers = request.protocolType !== null && request.protocolType !== this.protocolType;
    const nameDiffers = request.protocol !== null && request.protocol !== this.protocol;
    if (typeDiffers || nameDiffers) return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
    return this.state === 'PreparingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
  }

  private assign(assignments: ReadonlyMap<string, Buffer>): void {
    this.enter('Stable');
    for (const member of this.roster.all()) {
      member.assignment = assignments.get(member.id) ?? NOTHING;
    }
    this.options.onChange(this);
    for (const member of this.roster.all()) {
      const reply = member.awaitingSync;
      member.awaitingSync = undefined;
      if (!reply) continue;
      this.keepAlive(member);
      reply(this.synced(member));
    }
    if (this.unsynced.size === 0) this.cancelSyncDeadline();
  }

  /** A sign of life; REBALANCE_IN_PROGRESS tells the member to join again. */
  heartbeat(membership: Membership): ErrorCode {
    const error = this.generationError(membership);
    if (error !== ErrorCode.NONE) return error;
    this.keepAlive(this.roster.get(membership.memberId)!);
    return this.state === 'PreparingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
  }

  /** Removes a member by its id, or a static one by its name alone. */
  leave(memberId: string, instanceId: string | null): ErrorCode {
    if (this.state === 'Dead') return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    if (memberId !== '' && this.pending.has(memberId)) {
      this.forgetPending(memberId);
      return ErrorCode.NONE;
    }
    const id = memberId === '' ? this.roster.idOfInstance(instanceId) : memberId;
    if (id === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
    const error = this.memberError({ memberId: id, instanceId });
    if (error === ErrorCode.NONE) this.removeAndRebalance(this.roster.get(id)!);
    return error;
  }

  private removeAndRebalance(member: Member): void {
    member.awaitingJoin?.(this.refusedJoin(ErrorCode.UNKNOWN_MEMBER_ID, member.id));
    member.awaitingSync?.(this.refusedSync(ErrorCode.UNKNOWN_MEMBER_ID));
    this.drop(member);
    this.prepareRebalance();
  }

  private drop(member: Member): void {
    member.cancelSession();
    this.unsynced.delete(member.id);
    this.roster.remove(member);
  }

  /** Restarts a member's session clock. Who waits for an answer of ours is not timed out. */
  private keepAlive(member: Member): void {
    member.cancelSession();
    member.cancelSession = this.options.timers.after(member.sessionTimeoutMs, () => {
      if (this.roster.get(member.id) !== member) return;
      if (member.awaitingJoin || member.awaitingSync) this.keepAlive(member);
      else this.removeAndRebalance(member);
    });
  }

  /** Who may commit offsets: a member of this generation, or anyone while the group is empty. */
  commitError(membership: Membership): ErrorCode {
    if (this.state === 'Dead') return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    const { generation, memberId, instanceId } = membership;
    if (this.state === 'Empty' && generation < 0) return ErrorCode.NONE;
    if (generation < 0 && memberId === '' && instanceId === null) {
      return ErrorCode.UNKNOWN_MEMBER_ID;
    }
    const error = this.generationError(membership);
    if (error !== ErrorCode.NONE) return error;
    this.keepAlive(this.roster.get(memberId)!);
    return this.state === 'CompletingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
  }

  /** Ends the group for good; nobody may be in it. */
  die(): void {
    this.cancelRebalance();
    this.cancelSyncDeadline();
    for (const cancel of this.pending.values()) cancel();
    for (const member of this.roster.all()) member.cancelSession();
    this.enter('Dead');
  }

  /** Brings back what was kept over a restart: members have their session time to show up. */
  restore(kept: {
    readonly generation: number;
    readonly protocolType: string | null;
    readonly protocol: string | null;
    readonly leaderId: string | null;
    readonly members: readonly Member[];
  }): void {
    this.generation = kept.generation;
    this.protocolType = kept.protocolType;
    this.protocol = kept.protocol;
    for (const member of kept.members) this.roster.add(member);
    if (kept.members.length === 0) return;
    this.roster.leaderId = kept.leaderId;
    this.enter('Stable');
    for (const member of kept.members) this.keepAlive(member);
  }

  private enter(state: GroupState): void {
    this.state = state;
    this.stateSince = this.options.timers.now();
  }

  private refuseSyncs(error: ErrorCode): void {
    this.unsynced.clear();
    for (const member of this.roster.all()) {
      member.assignment = NOTHING;
      const reply = member.awaitingSync;
      member.awaitingSync = undefined;
      if (!reply) continue;
      this.keepAlive(member);
      reply(this.refusedSync(error));
    }
  }

  private generationError(membership: Membership): ErrorCode {
    if (this.state === 'Dead') return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    const error = this.memberError(membership);
    if (error !== ErrorCode.NONE) return error;
    return membership.generation === this.generation
      ? ErrorCode.NONE
      : ErrorCode.ILLEGAL_GENERATION;
  }

  private memberError(member: Omit<Membership, 'generation'>): ErrorCode {
    const current = this.roster.idOfInstance(member.instanceId);
    if (member.instanceId !== null && current === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
    if (current !== undefined && current !== member.memberId) return ErrorCode.FENCED_INSTANCE_ID;
    return this.roster.has(member.memberId) ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID;
  }

  private joined(member: Member): JoinResult {
    const leads = this.roster.leaderId === member.id;
    return {
      error: ErrorCode.NONE,
      generation: this.generation,
      protocolType: this.protocolType,
      protocol: this.protocol,
      leader: this.roster.leaderId ?? '',
      memberId: member.id,
      skipAssignment: false,
      members: leads
        ? this.roster.all().map((each) => ({
            memberId: each.id,
            instanceId: each.instanceId,
            metadata: each.metadataFor(this.protocol),
          }))
        : [],
    };
  }

  private synced(member: Member): SyncResult {
    return {
      error: ErrorCode.NONE,
      protocolType: this.protocolType,
      protocol: this.protocol,
      assignment: member.assignment,
    };
  }

  private refusedJoin(error: ErrorCode, memberId: string): JoinResult {
    return {
      error,
      generation: -1,
      protocolType: null,
      protocol: null,
      leader: '',
      memberId,
      skipAssignment: false,
      members: [],
    };
  }

  private refusedSync(error: ErrorCode): SyncResult {
    return { error, protocolType: null, protocol: null, assignment: NOTHING };
  }
}
