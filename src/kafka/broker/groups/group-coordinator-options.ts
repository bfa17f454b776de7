import type { TopicPartition } from './committed-offsets.js';
import type { CommitOrder } from './commit-order.js';
import type { Timers } from './timers.js';
import type { TopicIdOf } from './topic-identity.js';

/** Bounds of groups, and what their coordinator depends on besides its log. */
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
  /** Memory of all groups and members, bytes; who needs more is refused in the same ways. */
  readonly maxBytes: number;
  /** Bytes of committed offsets and of kept groups; more offsets are refused with POLICY_VIOLATION. */
  readonly maxOffsetBytes: number;
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
