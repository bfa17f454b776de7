import type { GapReason } from '../../kafka/contracts/delivery-shapes.js';

/** The next offset to read in a partition of one incarnation of a topic. */
export interface Position {
  /** Kafka's topic id. */
  readonly topicId: string;
  readonly offset: number;
}

/** A position, and the number of the newest filter by which what lies before it was judged. */
export interface JudgedPosition extends Position {
  readonly filterRevision: number;
}

/** Whether both are the same offset of the same incarnation of a topic. */
export const isSamePosition = (one: Position, other: Position): boolean =>
  one.topicId === other.topicId && one.offset === other.offset;

/** Offsets from (inclusive) to (exclusive) that could not be read. */
export interface Gap {
  readonly reason: GapReason;
  /** Kafka's id of the topic that the offsets belong to. */
  readonly topicId: string;
  readonly from: number;
  readonly to: number;
}

/** What the log holds now. */
export interface LogState {
  readonly topicId: string;
  readonly startOffset: number;
  readonly endOffset: number;
}

/** Where reading can go on, and what was lost on the way there. */
export interface Reconciled {
  readonly position: Position;
  readonly gap?: Gap;
}

/**
 * Holds a position against the truth of the log. Before its start: `expired`. Past its end, as
 * after a cut log: `truncated`, on at the end. A topic made again: `deleted`, from 0; how far the
 * former one reached is not known any more, so that gap is empty at the position unless more was
 * seen of it.
 * @param knownEnd end of the former incarnation, where this process has seen it
 */
export function reconcile(position: Position, log: LogState, knownEnd = 0): Reconciled {
  const { topicId, offset } = position;
  if (topicId !== log.topicId)
    return {
      position: { topicId: log.topicId, offset: 0 },
      gap: { reason: 'deleted', topicId, from: offset, to: Math.max(offset, knownEnd) },
    };
  if (offset < log.startOffset)
    return {
      position: { topicId, offset: log.startOffset },
      gap: { reason: 'expired', topicId, from: offset, to: log.startOffset },
    };
  if (offset > log.endOffset)
    return {
      position: { topicId, offset: log.endOffset },
      gap: { reason: 'truncated', topicId, from: log.endOffset, to: offset },
    };
  return { position };
}
