import type { LogAdmin, LogSlice } from './event-log.js';
import { LogOffsetOutOfRange } from './log.errors.js';

/** How far a partition was read, and under which leader. */
export interface ReadSoFar {
  readonly topic: string;
  readonly partition: number;
  /** The next offset to read. */
  readonly offset: number;
  /** Leader epoch of the newest batch that was passed; -1: unknown. */
  readonly leaderEpoch: number;
}

/**
 * Whether a log was cut below what was read of it, though it reaches beyond that again: from there on
 * offsets mean other records. It can have been cut only where another leader began, and then the
 * former epoch ends before what was read (KIP-320); so Kafka is asked once for each new leader.
 * @param slice what was read next
 * @returns what reading would have met before the log grew again; undefined: it was not cut there, or
 *   the epochs do not tell
 * @throws LogTopicGone, LogUnavailable
 */
export async function cutBelow(
  admin: Pick<LogAdmin, 'epochEnd'>,
  { topic, partition, offset, leaderEpoch }: ReadSoFar,
  slice: LogSlice,
): Promise<LogOffsetOutOfRange | undefined> {
  if (leaderEpoch < 0 || slice.leaderEpoch <= leaderEpoch) return undefined;
  const ended = await admin.epochEnd(topic, partition, leaderEpoch);
  if (ended === undefined || ended.endOffset >= offset) return undefined;
  const { startOffset } = slice;
  return new LogOffsetOutOfRange({ requested: offset, startOffset, endOffset: ended.endOffset });
}
