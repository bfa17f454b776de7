import type { SubscriptionState } from '../../../kafka/contracts/subscriptions.contracts.js';
import type { Cursor } from '../domain/cursor.js';
import type { JudgedPosition, Position } from '../../../delivery/core/position.js';
import { newestRevision, rejudgedOffset } from '../../../delivery/core/subscription-matcher.js';
import type { Claim } from '../persistence/lease.store.js';

/** Where a reader asked to begin, instead of at the committed positions. */
export interface StartingPoint {
  /** Whether it counts for a partition that the reader gets only later. */
  applies(claim: Claim, first: boolean): boolean;
  positionOf(partition: number): JudgedPosition | undefined;
}

/** `from`: counts the first time that the reader gets a partition, whenever that is. */
export const startAtOffsets = (
  topicId: string,
  offsets: ReadonlyMap<number, number>,
): StartingPoint => ({
  applies: () => true,
  positionOf: (partition) => {
    const offset = offsets.get(partition);
    // Nothing before it was asked for, so no filter has anything to say there.
    return offset === undefined ? undefined : { topicId, offset, filterRevision: Infinity };
  },
});

/**
 * A cursor: counts when the reader starts, and later for a partition that nobody else has had
 * since; where another reader went on meanwhile, what that one committed counts.
 */
export function startAtCursor({ topicId, filterRevision, positions }: Cursor): StartingPoint {
  const named = new Map(positions.map((position) => [position.partition, position]));
  return {
    applies: ({ partition, epoch }, first) =>
      first || epoch <= (named.get(partition)?.epoch ?? 0) + 1,
    positionOf: (partition) => {
      const position = named.get(partition);
      return position && { topicId, offset: position.offset, filterRevision };
    },
  };
}

/** Where nothing was committed: the subscription's start; partitions added later start at 0. */
const committedPosition = (subscription: SubscriptionState, claim: Claim): JudgedPosition =>
  claim.position ?? {
    topicId: subscription.kafkaTopicId,
    offset: subscription.start[claim.partition] ?? 0,
    filterRevision: newestRevision(subscription),
  };

/** Where one reader begins in the partitions that it gets in the course of time. */
export class Beginnings {
  private readonly everHeld = new Set<number>();

  constructor(private readonly startingPoint: StartingPoint | undefined) {}

  /**
   * Where it asked to begin, if it never had the partition and that is a place in the topic as it
   * is; else the committed position. Not behind what a newer filter has yet to judge.
   * @param first whether the reader has only just started
   */
  positionOf(claim: Claim, subscription: SubscriptionState, first: boolean): Position {
    const committed = committedPosition(subscription, claim);
    const asked = this.askedFor(claim, first);
    const place = asked?.topicId === committed.topicId ? asked : committed;
    const offset = rejudgedOffset(subscription, claim.partition, place);
    return { topicId: place.topicId, offset };
  }

  private askedFor(claim: Claim, first: boolean): JudgedPosition | undefined {
    const again = this.everHeld.has(claim.partition);
    this.everHeld.add(claim.partition);
    if (again || !this.startingPoint?.applies(claim, first)) return undefined;
    return this.startingPoint.positionOf(claim.partition);
  }
}
