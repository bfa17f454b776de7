import { ErrorCode } from '../protocol/error-codes.js';
import type { KeyValueLog } from '../storage/key-value-log.js';
import {
  CommittedOffsets,
  type PartitionOffset,
  type TopicPartition,
} from './committed-offsets.js';
import { subscribedTopics } from './consumer-subscription.js';
import { Group } from './group.js';
import { KeptGroups } from './kept-groups.js';
import type { JoinRequest, JoinResult, Membership, SyncRequest, SyncResult } from './messages.js';
import { refusedJoin, refusedSync } from './refusals.js';
import type { Timers } from './timers.js';

export interface GroupCoordinatorOptions {
  readonly timers: Timers;
  readonly initialRebalanceDelayMs: number;
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  /** Age at which the offsets of an empty group are forgotten. */
  readonly offsetsRetentionMs: number;
  /** More groups than that are refused with POLICY_VIOLATION. */
  readonly maxGroups: number;
  /** More members of one group are refused with GROUP_MAX_SIZE_REACHED. */
  readonly maxMembers: number;
  /** Told when the state of a group could not be kept. */
  readonly onFailure: (error: unknown) => void;
}

/** Finds the group that a request is for, and keeps groups and offsets in a compacted log. */
export class GroupCoordinator {
  readonly offsets: CommittedOffsets;
  private readonly groups = new Map<string, Group>();
  private readonly kept: KeptGroups;
  /** Groups whose last change is on its way to the log. */
  private readonly saves = new Map<string, Promise<void>>();

  constructor(
    private readonly log: KeyValueLog,
    private readonly options: GroupCoordinatorOptions,
  ) {
    this.offsets = new CommittedOffsets(log);
    this.kept = new KeptGroups(log);
    this.kept.restoreAll((id) => this.make(id));
  }

  get(groupId: string): Group | undefined {
    return this.groups.get(groupId);
  }

  /** Every group: those with members, and those of which only offsets are left. */
  all(): readonly Group[] {
    for (const id of this.offsets.groupIds()) {
      if (!this.groups.has(id)) this.make(id);
    }
    return [...this.groups.values()];
  }

  join(groupId: string, request: JoinRequest): Promise<JoinResult> {
    return new Promise((resolve) => {
      const refuse = (error: ErrorCode): void => resolve(refusedJoin(error, request.memberId));
      if (groupId === '') return refuse(ErrorCode.INVALID_GROUP_ID);
      const { minSessionTimeoutMs, maxSessionTimeoutMs } = this.options;
      const timeout = request.sessionTimeoutMs;
      if (timeout < minSessionTimeoutMs || timeout > maxSessionTimeoutMs) {
        return refuse(ErrorCode.INVALID_SESSION_TIMEOUT);
      }
      const known = this.groups.get(groupId);
      if (!known && request.memberId !== '') return refuse(ErrorCode.UNKNOWN_MEMBER_ID);
      if (!known && this.isFull(groupId)) return refuse(ErrorCode.POLICY_VIOLATION);
      if (known && this.hasTooMany(known, request)) {
        return refuse(ErrorCode.GROUP_MAX_SIZE_REACHED);
      }
      (known ?? this.make(groupId)).join(request, resolve);
    });
  }

  /** Whether somebody new would be one too many. */
  private hasTooMany({ roster, rebalance }: Group, { memberId, instanceId }: JoinRequest): boolean {
    const isNew = memberId === '' && roster.idOfInstance(instanceId) === undefined;
    return isNew && roster.size + rebalance.pending.size >= this.options.maxMembers;
  }

  private isFull(groupId: string): boolean {
    if (this.groups.has(groupId) || this.offsets.has(groupId)) return false;
    return Math.max(this.groups.size, this.offsets.groupCount) >= this.options.maxGroups;
  }

  /** An assignment is given only when it is kept, so that a restart does not know another one. */
  async sync(groupId: string, request: SyncRequest): Promise<SyncResult> {
    const result = await this.assignmentOf(groupId, request);
    try {
      await this.saves.get(groupId);
      return result;
    } catch {
      // The options' onFailure has heard of it.
      return refusedSync(ErrorCode.COORDINATOR_NOT_AVAILABLE);
    }
  }

  private assignmentOf(groupId: string, request: SyncRequest): Promise<SyncResult> {
    return new Promise((resolve) => {
      const group = this.groups.get(groupId);
      if (group) return group.sync(request, resolve);
      const error = groupId === '' ? ErrorCode.INVALID_GROUP_ID : ErrorCode.UNKNOWN_MEMBER_ID;
      resolve(refusedSync(error));
    });
  }

  heartbeat(groupId: string, membership: Membership): ErrorCode {
    if (groupId === '') return ErrorCode.INVALID_GROUP_ID;
    return this.groups.get(groupId)?.heartbeat(membership) ?? ErrorCode.UNKNOWN_MEMBER_ID;
  }

  leave(groupId: string, memberId: string, instanceId: string | null): ErrorCode {
    return this.groups.get(groupId)?.leave(memberId, instanceId) ?? ErrorCode.UNKNOWN_MEMBER_ID;
  }

  /** Whether this membership may commit now. */
  commitError(groupId: string, membership: Membership): ErrorCode {
    if (groupId === '') return ErrorCode.INVALID_GROUP_ID;
    const group = this.groups.get(groupId);
    if (group) return group.commitError(membership);
    if (this.isFull(groupId)) return ErrorCode.POLICY_VIOLATION;
    return membership.generation < 0 ? ErrorCode.NONE : ErrorCode.ILLEGAL_GENERATION;
  }

  async commit(groupId: string, offsets: readonly PartitionOffset[]): Promise<void> {
    if (!this.groups.has(groupId)) this.make(groupId);
    await this.offsets.commit(groupId, offsets);
  }

  /** Deletes an empty group and its offsets. */
  async delete(groupId: string): Promise<ErrorCode> {
    if (groupId === '') return ErrorCode.INVALID_GROUP_ID;
    const group = this.groups.get(groupId);
    if (!group && !this.offsets.has(groupId)) return ErrorCode.GROUP_ID_NOT_FOUND;
    if (group && group.state !== 'Empty') return ErrorCode.NON_EMPTY_GROUP;
    await this.forget(groupId);
    return ErrorCode.NONE;
  }

  /** Whether offsets of a topic may be deleted: not while a member subscribes to it. */
  offsetDeletionError(groupId: string, topic: string): ErrorCode {
    const group = this.groups.get(groupId);
    if (!group || group.state === 'Empty') return ErrorCode.NONE;
    return subscribedTopics(group).has(topic)
      ? ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC
      : ErrorCode.NONE;
  }

  deleteOffsets(groupId: string, partitions: readonly TopicPartition[]): Promise<void> {
    return this.offsets.remove(groupId, partitions);
  }

  /** Forgets offsets whose retention is over, and groups without members or offsets. */
  async clean(): Promise<void> {
    const expiredBefore = this.options.timers.now() - this.options.offsetsRetentionMs;
    for (const group of this.all().filter(({ state }) => state === 'Empty')) {
      const expired = this.offsets
        .all(group.id)
        .filter((o) => Math.max(o.committedAt, group.stateSince) < expiredBefore);
      await this.offsets.remove(group.id, expired);
      const isUsed = group.state !== 'Empty' || group.rebalance.pending.size > 0;
      if (!isUsed && !this.offsets.has(group.id)) await this.forget(group.id);
    }
    await this.log.cleanOnce();
  }

  async close(): Promise<void> {
    for (const group of this.groups.values()) group.die();
    await this.log.close();
  }

  private async forget(groupId: string): Promise<void> {
    this.groups.get(groupId)?.die();
    this.groups.delete(groupId);
    await this.offsets.remove(groupId, this.offsets.all(groupId));
    await this.kept.remove(groupId);
  }

  private make(groupId: string): Group {
    const group = new Group(groupId, {
      timers: this.options.timers,
      initialRebalanceDelayMs: this.options.initialRebalanceDelayMs,
      onChange: (changed) => {
        const saving = this.kept.save(changed);
        this.saves.set(groupId, saving);
        const saved = (): void => {
          if (this.saves.get(groupId) === saving) this.saves.delete(groupId);
        };
        saving.then(saved, (error: unknown) => {
          this.options.onFailure(error);
          saved();
        });
      },
    });
    this.groups.set(groupId, group);
    return group;
  }
}
