import { errorCodeOf } from '../apis/error-code-of.js';
import { ErrorCode } from '../protocol/error-codes.js';
import type { AbortedTransaction, EpochEnd } from '../storage/log-types.js';
import type { PartitionLog } from '../storage/partition-log.js';
import { leaderEpochError } from './leader-epoch-error.js';

/** One partition of a fetch request. */
export interface PartitionToRead {
  readonly index: number;
  readonly log: PartitionLog | undefined;
  /** The answer where there is no log. */
  readonly missingError: ErrorCode;
  readonly offset: number;
  readonly maxBytes: number;
  /** -1 where the client does not say. */
  readonly currentLeaderEpoch: number;
  /** Epoch of the last record that the client has; -1 where it does not say. */
  readonly lastFetchedEpoch: number;
}

/** What was read of one partition. */
export interface PartitionRead {
  readonly index: number;
  readonly error: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  /** Where the client's log left this one; it has to cut back. */
  readonly divergingEpoch: { readonly epoch: number; readonly endOffset: number } | undefined;
  readonly abortedTransactions: readonly AbortedTransaction[] | null;
  readonly records: Buffer;
}

const NOTHING = Buffer.alloc(0);

/**
 * Reads partitions in order until `maxBytes` are full. The first batch found is returned whole
 * however large it is, so that a consumer always gets on.
 */
export async function readPartitions(
  partitions: readonly PartitionToRead[],
  maxBytes: number,
  committedOnly: boolean,
): Promise<readonly PartitionRead[]> {
  const reads: PartitionRead[] = [];
  let left = maxBytes;
  let found = false;
  for (const partition of partitions) {
    const limit = Math.max(0, Math.min(partition.maxBytes, left));
    const read = await readOne(partition, limit, !found, committedOnly);
    found ||= read.records.length > 0;
    left -= read.records.length;
    reads.push(read);
  }
  return reads;
}

async function readOne(
  partition: PartitionToRead,
  maxBytes: number,
  atLeastOneBatch: boolean,
  committedOnly: boolean,
): Promise<PartitionRead> {
  const { log, offset } = partition;
  if (!log) return refused(partition.index, partition.missingError);
  const epochError = leaderEpochError(log, partition.currentLeaderEpoch);
  if (epochError !== ErrorCode.NONE) return refused(partition.index, epochError);
  const { highWatermark, lastStableOffset } = log;
  const read = {
    index: partition.index,
    error: ErrorCode.NONE,
    highWatermark,
    lastStableOffset,
    logStartOffset: log.startOffset,
    divergingEpoch: divergenceOf(log, partition),
    abortedTransactions: committedOnly ? [] : null,
    records: NOTHING,
  };
  const bound = committedOnly ? lastStableOffset : highWatermark;
  const nothingYet = offset >= bound && offset <= log.endOffset && offset >= log.startOffset;
  if (nothingYet || read.divergingEpoch) return read;
  try {
    const isolation = committedOnly ? 'committed' : 'uncommitted';
    const records = await log.read(offset, maxBytes, { isolation, atLeastOneBatch });
    if (!committedOnly) return { ...read, records };
    const abortedTransactions = log.abortedTransactions(offset, bound);
    return { ...read, abortedTransactions, records };
  } catch (error) {
    return refused(partition.index, errorCodeOf(error));
  }
}

function divergenceOf(
  log: PartitionLog,
  { offset, lastFetchedEpoch }: PartitionToRead,
): PartitionRead['divergingEpoch'] {
  if (lastFetchedEpoch < 0) return undefined;
  const end: EpochEnd | undefined = log.epochEnd(lastFetchedEpoch);
  if (end && end.leaderEpoch === lastFetchedEpoch && end.endOffset >= offset) return undefined;
  return { epoch: end?.leaderEpoch ?? -1, endOffset: end?.endOffset ?? -1 };
}

function refused(index: number, error: number): PartitionRead {
  return {
    index,
    error,
    highWatermark: -1,
    lastStableOffset: -1,
    logStartOffset: -1,
    divergingEpoch: undefined,
    abortedTransactions: null,
    records: NOTHING,
  };
}
