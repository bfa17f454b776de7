import type { TopicPartition } from './committed-offsets.js';
import type { CommitOrder } from './commit-order.js';
import type { Timers } from './timers.js';
import type { TopicIdOf } from './topic-identity.js';

/** Bounds of groups, as a broker is told them. */
export interface GroupLimits {
  /** 0 by default, where Kafka has 3 s: with one node there is nothing to wait for. */
  readonly initialRebalanceDelayMs: number;
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  /** Age at which the offsets of an empty group are forgotten. */
  readonly offsetsRetentionMs: number;
  /** Groups known at once, those with offsets only included; more are refused with POLICY_VIOLATION. */
  readonly maxGroups: number;
  /**
   * Members of one group: Kafka's `group.max.size`, which has no bound by default. More are refused with
   * GROUP_MAX_SIZE_REACHED.
   */
  readonly maxMembers: number;
  /** Memory of all groups and members, in bytes, about; who needs more is refused in the same ways. */
  readonly maxBytes: number;
  /**
   * Memory of committed offsets and of what is kept of groups, in bytes, about; more offsets are refused
   * with POLICY_VIOLATION.
   */
  readonly maxOffsetBytes: number;
}

/** The bounds, and what a coordinator depends on besides its log. */
export interface GroupCoordinatorOptions extends GroupLimits {
  readonly timers: Timers;
  readonly order: CommitOrder;
  readonly topicIdOf: TopicIdOf;
  /** Whether a transaction that has not ended commits offsets of a group. */
  readonly hasPending: (groupId: string) => boolean;
  /** Makes transactions commit none of them. @throws StorageError: not on the disk yet */
  readonly forgetPendingOf: (groupId: string) => Promise<void>;
  /** The same for some partitions. @throws StorageError */
  readonly forgetPending: (groupId: string, partitions: readonly TopicPartition[]) => Promise<void>;
  /** Told when the state of a group could not be kept. */
  readonly onFailure: (error: unknown) => void;
}
