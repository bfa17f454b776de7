import { ErrorCode } from '../protocol/error-codes.js';
import type { GroupView } from './admission.js';
import type { GroupMemory } from './group-memory.js';
import type { GroupState } from './group-state.js';
import type { Member } from './member.js';
import { PendingMembers } from './pending-members.js';
import { refusedSync } from './refusals.js';
import { joined } from './replies.js';
import type { Timers } from './timers.js';

const NOTHING = Buffer.alloc(0);

/** What a rebalance works on: its group. */
export interface RebalancedGroup extends GroupView {
  generation: number;
  protocol: string | null;
  enter(state: GroupState): void;
  /** Restarts a member's session clock. */
  keepAlive(member: Member): void;
  /** Takes a member out, without a rebalance. */
  drop(member: Member): void;
  /** The last member is gone. */
  becomeEmpty(): void;
}

/** What a rebalance needs from its surroundings. */
export interface RebalanceOptions {
  readonly timers: Timers;
  /** Shared by all groups. */
  readonly memory: GroupMemory;
  /** Wait of an empty group for more members (`group.initial.rebalance.delay.ms`). */
  readonly initialRebalanceDelayMs: number;
}

/**
 * How a group gets from one generation to the next: waits for everybody to join, or for the time
 * to be up, tells the new generation, and waits for everybody to sync.
 */
export class Rebalance {
  readonly pending: PendingMembers;
  private readonly timers: Timers;
  private readonly initialDelayMs: number;
  private readonly unsynced = new Set<string>();
  private cancelJoinDeadline: () => void = () => undefined;
  private cancelSyncDeadline: () => void = () => undefined;
  private initialDelayOver = true;

  constructor(
    private readonly group: RebalancedGroup,
    { timers, memory, initialRebalanceDelayMs }: RebalanceOptions,
  ) {
    this.timers = timers;
    this.initialDelayMs = initialRebalanceDelayMs;
    this.pending = new PendingMembers(timers, memory, () => {
      if (group.state === 'PreparingRebalance') this.tryFinishJoin();
    });
  }

  /** Begins one, or sees whether the running one is complete now. */
  prepare(): void {
    const { group } = this;
    if (group.state === 'PreparingRebalance') return this.tryFinishJoin();
    if (group.state === 'CompletingRebalance') this.refuseSyncs(ErrorCode.REBALANCE_IN_PROGRESS);
    this.cancelSyncDeadline();
    const initialDelay = group.state === 'Empty' ? this.initialDelayMs : 0;
    group.enter('PreparingRebalance');
    this.initialDelayOver = initialDelay === 0;
    if (!this.initialDelayOver) {
      this.cancelJoinDeadline = this.timers.after(initialDelay, () => {
        this.initialDelayOver = true;
        this.startJoinDeadline();
        this.tryFinishJoin();
      });
      return;
    }
    this.startJoinDeadline();
    this.tryFinishJoin();
  }

  /** The member has asked for its assignment, or is gone. */
  noLongerAwaited(memberId: string): void {
    this.unsynced.delete(memberId);
  }

  /** Assignments are there: without a rest to wait for, the deadline ends. */
  assigned(): void {
    if (this.unsynced.size === 0) this.cancelSyncDeadline();
  }

  /** Ends every wait. */
  stop(): void {
    this.cancelJoinDeadline();
    this.cancelSyncDeadline();
    this.pending.clear();
  }

  private startJoinDeadline(): void {
    const longest = this.group.roster.longestRebalanceTimeoutMs();
    this.cancelJoinDeadline = this.timers.after(longest, () => this.finishJoin());
  }

  private tryFinishJoin(): void {
    const allIn = this.group.roster.all().every((member) => member.awaitingJoin);
    if (allIn && this.pending.size === 0 && this.initialDelayOver) this.finishJoin();
  }

  /** All have joined, or time is up: the absent leave, and a new generation begins. */
  private finishJoin(): void {
    const { group } = this;
    this.cancelJoinDeadline();
    for (const member of group.roster.all()) {
      if (!member.awaitingJoin && !member.isStatic) group.drop(member);
    }
    if (group.roster.size > 0 && !group.roster.electJoinedLeader()) return this.startJoinDeadline();
    group.generation++;
    if (group.roster.size === 0) return group.becomeEmpty();
    group.protocol = group.roster.selectProtocol();
    group.enter('CompletingRebalance');
    this.announceGeneration();
  }

  private announceGeneration(): void {
    const { group } = this;
    for (const member of group.roster.all()) {
      this.unsynced.add(member.id);
      const reply = member.awaitingJoin;
      member.awaitingJoin = undefined;
      group.keepAlive(member);
      reply?.(joined(group, member));
    }
    const deadline = group.roster.longestRebalanceTimeoutMs();
    this.cancelSyncDeadline = this.timers.after(deadline, () => this.expelUnsynced());
  }

  private expelUnsynced(): void {
    const { roster } = this.group;
    const late = [...this.unsynced].map((id) => roster.get(id)).filter((m) => m !== undefined);
    for (const member of late) this.group.drop(member);
    if (late.length > 0) this.prepare();
  }

  private refuseSyncs(error: ErrorCode): void {
    this.unsynced.clear();
    this.group.roster.assign(() => NOTHING);
    for (const member of this.group.roster.all()) {
      const reply = member.awaitingSync;
      member.awaitingSync = undefined;
      if (!reply) continue;
      this.group.keepAlive(member);
      reply(refusedSync(error));
    }
  }
}
