import { ErrorCode } from '../protocol/error-codes.js';
import { allDone } from '../concurrency/all-done.js';
import type { KeyValueLog } from '../storage/key-value-log.js';
import {
  CommittedOffsets,
  type NewOffset,
  type PartitionOffset,
  type TopicPartition,
} from './committed-offsets.js';
import { subscribedTopics } from './consumer-subscription.js';
import { GroupMemory, OBJECT_BYTES } from './group-memory.js';
import type { GroupCoordinatorOptions } from './group-coordinator-options.js';
import { Group } from './group.js';
import { growthByAssignments, growthByJoin } from './growth.js';
import { KeptGroups } from './kept-groups.js';
import type { JoinRequest, JoinResult, Membership, SyncRequest, SyncResult } from './messages.js';
import { refusedJoin, refusedSync } from './refusals.js';

/** Finds the group that a request is for, and keeps groups and offsets in a compacted log. */
export class GroupCoordinator {
  readonly offsets: CommittedOffsets;
  private readonly groups = new Map<string, Group>();
  private readonly kept: KeptGroups;
  private readonly memory: GroupMemory;

  constructor(
    private readonly log: KeyValueLog,
    private readonly options: GroupCoordinatorOptions,
  ) {
    this.memory = new GroupMemory(options.maxBytes);
    this.offsets = new CommittedOffsets(log, {
      ...options,
      maxBytes: options.maxOffsetBytes,
    });
    this.kept = new KeptGroups(log, options.onFailure);
    this.kept.restoreAll((id) => this.make(id));
  }

  get(groupId: string): Group | undefined {
    return this.groups.get(groupId);
  }

  /** Whether there is a group, be it only by its offsets or by those that a transaction will commit. */
  has(groupId: string): boolean {
    const { groups, offsets } = this;
    return groups.has(groupId) || offsets.has(groupId) || this.options.hasPending(groupId);
  }

  /** A group by its id, also one of which only offsets are left. */
  find(groupId: string): Group | undefined {
    const known = this.groups.get(groupId);
    return known ?? (this.has(groupId) ? this.make(groupId) : undefined);
  }

  /** Every group: those with members, and those of which only offsets are left. */
  all(): readonly Group[] {
    for (const id of this.offsets.groupIds()) {
      if (!this.groups.has(id)) this.make(id);
    }
    return [...this.groups.values()];
  }

  /** A member that takes the place of another is told so only when that is kept. */
  async join(groupId: string, request: JoinRequest): Promise<JoinResult> {
    const result = await this.membershipOf(groupId, request);
    if (result.error !== ErrorCode.NONE) return result;
    try {
      await this.kept.assure(this.groups.get(groupId));
      return result;
    } catch {
      // The options' onFailure has heard of it.
      return refusedJoin(ErrorCode.COORDINATOR_NOT_AVAILABLE, request.memberId);
    }
  }

  private membershipOf(groupId: string, request: JoinRequest): Promise<JoinResult> {
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
      const hasRoom = this.memory.hasRoomFor(growthByJoin(known, request));
      if (!hasRoom || (known && this.hasTooMany(known, request))) {
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
    if (this.has(groupId)) return false;
    if (!this.memory.hasRoomFor(OBJECT_BYTES + groupId.length)) return true;
    return Math.max(this.groups.size, this.offsets.groupCount) >= this.options.maxGroups;
  }

  /** An assignment is given only when it is kept, so that a restart does not know another one. */
  async sync(groupId: string, request: SyncRequest): Promise<SyncResult> {
    const result = await this.assignmentOf(groupId, request);
    try {
      await this.kept.assure(this.groups.get(groupId));
      return result;
    } catch {
      // The options' onFailure has heard of it.
      return refusedSync(ErrorCode.COORDINATOR_NOT_AVAILABLE);
    }
  }

  private assignmentOf(groupId: string, request: SyncRequest): Promise<SyncResult> {
    return new Promise((resolve) => {
      const group = this.groups.get(groupId);
      if (group && !this.memory.hasRoomFor(growthByAssignments(group, request))) {
        return resolve(refusedSync(ErrorCode.GROUP_MAX_SIZE_REACHED));
      }
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
  commitError(groupId: string, membership: Membership, inTransaction = false): ErrorCode {
    const group = this.groups.get(groupId);
    if (group) return group.commitError(membership, inTransaction);
    if (this.isFull(groupId)) return ErrorCode.POLICY_VIOLATION;
    return membership.generation < 0 ? ErrorCode.NONE : ErrorCode.ILLEGAL_GENERATION;
  }

  async commit(groupId: string, offsets: readonly NewOffset[]): Promise<void> {
    if (offsets.length === 0) return;
    if (!this.groups.has(groupId)) this.make(groupId);
    await this.offsets.commit(groupId, offsets);
  }

  /** Makes sure that a transaction can commit offsets once it is decided. @throws TooMuchKept */
  expect(groupId: string, offsets: readonly PartitionOffset[]): void {
    this.offsets.requireRoom(groupId, offsets);
    if (!this.groups.has(groupId)) this.make(groupId);
  }

  /** Deletes an empty group and its offsets, also those that a transaction was going to commit. */
  async delete(groupId: string): Promise<ErrorCode> {
    const group = this.groups.get(groupId);
    if (!this.has(groupId)) return ErrorCode.GROUP_ID_NOT_FOUND;
    if (group && group.state !== 'Empty') return ErrorCode.NON_EMPTY_GROUP;
    // In one turn: no transaction ends between the two.
    await allDone([this.options.forgetPendingOf(groupId), this.forget(groupId)]);
    return ErrorCode.NONE;
  }

  /** Topics that a member subscribes to: their offsets may not be deleted. */
  subscribedTopics(groupId: string): ReadonlySet<string> {
    const group = this.groups.get(groupId);
    return !group || group.state === 'Empty' ? new Set() : subscribedTopics(group);
  }

  /** Deletes offsets, also where a transaction was going to commit them. @throws StorageError */
  async deleteOffsets(groupId: string, partitions: readonly TopicPartition[]): Promise<void> {
    const { options, offsets } = this;
    await allDone([
      options.forgetPending(groupId, partitions),
      offsets.remove(groupId, partitions),
    ]);
  }

  /** Forgets offsets whose retention is over, and groups without members or offsets. */
  async clean(): Promise<void> {
    try {
      for (const group of this.all().filter(({ state }) => state === 'Empty')) {
        await this.forgetExpired(group);
      }
    } finally {
      await this.log.cleanOnce();
    }
  }

  async close(): Promise<void> {
    for (const group of this.groups.values()) group.die();
    await this.log.close();
  }

  private async forgetExpired(group: Group): Promise<void> {
    const expiredBefore = this.options.timers.now() - this.options.offsetsRetentionMs;
    // One that never had members has no time at which it lost them.
    const emptySince = group.protocolType === null ? 0 : group.stateSince;
    const expired = this.offsets
      .settled(group.id)
      .filter((one) => Math.max(one.committedAt, emptySince) < expiredBefore);
    await this.offsets.remove(group.id, expired);
    const isPending = this.options.hasPending(group.id);
    if (isUnused(group) && !isPending && !this.offsets.has(group.id)) await this.forget(group.id);
  }

  /** All of it or nothing; who comes meanwhile finds it, and is kept after this. */
  private async forget(groupId: string): Promise<void> {
    const removal = this.kept.removalOf(groupId);
    await this.offsets.remove(groupId, this.offsets.all(groupId), [removal]);
    const group = this.groups.get(groupId);
    if (!group || !isUnused(group)) return;
    group.die();
    this.groups.delete(groupId);
  }

  private make(groupId: string): Group {
    const group = new Group(groupId, {
      timers: this.options.timers,
      memory: this.memory,
      initialRebalanceDelayMs: this.options.initialRebalanceDelayMs,
      onChange: (changed) => this.kept.save(changed),
    });
    this.groups.set(groupId, group);
    return group;
  }
}

const isUnused = ({ state, rebalance }: Group): boolean =>
  state === 'Empty' && rebalance.pending.size === 0;
