import type { ClaimedPartition, LaneGap, LaneRow, StoredException } from './checkpoint.js';
import type { GapReason } from '../../kafka/contracts/delivery-shapes.js';

/** What Kafka says of a partition at the moment of its claim. */
export interface LogTruth {
  readonly topicId: string;
  readonly startOffset: number;
  readonly endOffset: number;
  /** Where the epoch of the stored floor ended; undefined: it is not known, or goes on. */
  readonly epochEnd: number | undefined;
}

/** Where a new owner goes on, and what it has to write down before anything else. */
export interface ReconciledClaim {
  readonly floor: number;
  readonly leaderEpoch: number;
  readonly lanes: readonly LaneRow[];
  readonly exceptions: readonly StoredException[];
  readonly gaps: readonly LaneGap[];
  readonly retire: { readonly fromOffset: number; readonly as: string } | null;
}

type Known = ClaimedPartition & { readonly stored: NonNullable<ClaimedPartition['stored']> };

const gapOf = (
  lane: LaneRow,
  reason: GapReason,
  topicId: string,
  from: number,
  to: number,
): LaneGap => ({ subscriptionUid: lane.subscriptionUid, gap: { reason, topicId, from, to } });

/** A topic that was made again: all lanes begin at its first offset. */
function madeAgain({ stored, lanes, exceptions }: Known): ReconciledClaim {
  const placeOf = (lane: LaneRow): number => lane.fromOffset ?? stored.floor;
  return {
    floor: 0,
    leaderEpoch: -1,
    lanes: lanes.map((lane) => ({ ...lane, fromOffset: null, reason: null })),
    exceptions,
    gaps: lanes.map((lane) => gapOf(lane, 'deleted', stored.topicId, placeOf(lane), placeOf(lane))),
    retire: null,
  };
}

/** First offset beyond what former owners have read, as far as anything stored tells. */
function readEnd({ stored, lanes, exceptions }: Known): number {
  let end = stored.floor;
  for (const { fromOffset } of lanes) end = Math.max(end, fromOffset ?? 0);
  for (const { topicId, offset, state } of exceptions) {
    // What is sent again on request may lie beyond what anybody has read.
    if (topicId === stored.topicId && state !== 'redrive') end = Math.max(end, offset + 1);
  }
  return end;
}

/**
 * The log lost its end, and may have grown again: from `end` on offsets mean other events. What was
 * lost up to `formerEnd` is a gap of all lanes: nobody knows which of them have had it.
 */
function cutBack(claimed: Known, end: number, formerEnd: number): ReconciledClaim {
  const { stored, ownerEpoch } = claimed;
  const as = `${stored.topicId}#${ownerEpoch}`;
  const isLost = ({ offset, topicId }: StoredException): boolean =>
    topicId === stored.topicId && offset >= end;
  return {
    floor: Math.min(stored.floor, end),
    // Its end in the log is where the log was cut, so another cut is noticed too.
    leaderEpoch: stored.leaderEpoch,
    lanes: claimed.lanes.map((lane) =>
      lane.fromOffset !== null && lane.fromOffset > end ? { ...lane, fromOffset: end } : lane,
    ),
    exceptions: claimed.exceptions.map((one) => (isLost(one) ? { ...one, topicId: as } : one)),
    gaps: claimed.lanes
      .filter(() => formerEnd > end)
      .map((lane) => gapOf(lane, 'truncated', stored.topicId, end, formerEnd)),
    retire: { fromOffset: end, as },
  };
}

/** Retention took what live had not read; lanes that are behind meet that by themselves. */
function expired(reconciled: ReconciledClaim, { topicId, startOffset }: LogTruth): ReconciledClaim {
  const { floor, lanes, gaps } = reconciled;
  if (floor >= startOffset) return reconciled;
  const met = lanes
    .filter(({ fromOffset }) => fromOffset === null)
    .map((lane) => gapOf(lane, 'expired', topicId, floor, startOffset));
  return { ...reconciled, floor: startOffset, gaps: [...gaps, ...met] };
}

/**
 * Holds what the former owner left against the truth of the log: a re-created topic, a log that was
 * cut, events that expired. A partition that nobody owned begins at its end: whatever is older is
 * read by the subscriptions' own catching up. Pure.
 */
export function reconcileClaim(claimed: ClaimedPartition, log: LogTruth): ReconciledClaim {
  const { stored, lanes, exceptions } = claimed;
  if (stored === undefined) {
    const begin = { floor: log.endOffset, leaderEpoch: -1 };
    return { ...begin, lanes, exceptions, gaps: [], retire: null };
  }
  const known: Known = { ...claimed, stored };
  if (stored.topicId !== log.topicId) return expired(madeAgain(known), log);
  // Where the log begins later than the epoch ended, it has expired: that alone is no cut.
  const end = Math.max(log.startOffset, Math.min(log.epochEnd ?? log.endOffset, log.endOffset));
  const isBeyond = ({ topicId, offset }: StoredException): boolean =>
    topicId === stored.topicId && offset >= end;
  const formerEnd = readEnd(known);
  if (formerEnd > end || exceptions.some(isBeyond)) {
    return expired(cutBack(known, end, formerEnd), log);
  }
  const { floor, leaderEpoch } = stored;
  return expired({ floor, leaderEpoch, lanes, exceptions, gaps: [], retire: null }, log);
}
