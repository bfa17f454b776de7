import type { SubscriptionState } from '../../../kafka/contracts/subscriptions.contracts.js';
import type { Cursor } from '../domain/cursor.js';
import type { Position } from '../domain/position.js';
import type { Claim } from '../persistence/lease.store.js';

/** Where a reader asked to begin, instead of at the committed positions. */
export interface StartingPoint {
  /** Kafka's id of the topic that the offsets belong to. */
  readonly topicId: string;
  /** Whether it counts for a partition that the reader gets only later. */
  applies(claim: Claim, first: boolean): boolean;
  offsetOf(partition: number): number | undefined;
}

/** `from`: counts the first time that the reader gets a partition, whenever that is. */
export const startAtOffsets = (
  topicId: string,
  offsets: ReadonlyMap<number, number>,
): StartingPoint => ({
  topicId,
  applies: () => true,
  offsetOf: (partition) => offsets.get(partition),
});

/**
 * A cursor: counts when the reader starts, and later for a partition that nobody else has had
 * since; where another reader went on meanwhile, what that one committed counts.
 */
export function startAtCursor(cursor: Cursor): StartingPoint {
  const positions = new Map(cursor.positions.map((position) => [position.partition, position]));
  return {
    topicId: cursor.topicId,
    applies: ({ partition, epoch }, first) =>
      first || epoch <= (positions.get(partition)?.epoch ?? 0) + 1,
    offsetOf: (partition) => positions.get(partition)?.offset,
  };
}

/** Where nothing was committed: the subscription's start; partitions added later start at 0. */
export const committedPosition = (subscription: SubscriptionState, claim: Claim): Position =>
  claim.position ?? {
    topicId: subscription.kafkaTopicId,
    offset: subscription.start[claim.partition] ?? 0,
  };
