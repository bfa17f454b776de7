import { errorCodeOf } from '../apis/error-code-of.js';
import { takingTurns } from '../concurrency/taking-turns.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { endOffsetOf } from '../records/batches.js';
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
  /** `max.message.bytes` of the topic: what a first batch takes at most, whatever the limits. */
  readonly maxMessageBytes: number;
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
  const turn = takingTurns();
  for (const partition of partitions) {
    const others = turn();
    if (others) await others;
    const limit = Math.max(0, Math.min(partition.maxBytes, left));
    const answer = readOne(partition, limit, !found, committedOnly);
    const read = answer instanceof Promise ? await answer : answer;
    found ||= read.records.length > 0;
    left -= read.records.length;
    reads.push(read);
  }
  return reads;
}

/** Bytes that reading partitions takes at most. */
export function bytesToRead(
  partitions: readonly PartitionToRead[],
  { maxBytes, committedOnly }: { readonly maxBytes: number; readonly committedOnly: boolean },
): number {
  let bytes = 0;
  let firstBatch = 0;
  for (const { log, offset, maxBytes: ofPartition, maxMessageBytes } of partitions) {
    if (firstBatch > 0 && bytes >= maxBytes) break;
    if (log === undefined || offset >= boundOf(log, committedOnly)) continue;
    bytes += Math.max(0, Math.min(ofPartition, log.sizeBytes));
    firstBatch ||= Math.min(maxMessageBytes, log.sizeBytes);
  }
  return Math.max(firstBatch, Math.min(bytes, maxBytes));
}

/** At once where there is nothing to read. */
function readOne(
  partition: PartitionToRead,
  maxBytes: number,
  atLeastOneBatch: boolean,
  committedOnly: boolean,
): PartitionRead | Promise<PartitionRead> {
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
  const bound = boundOf(log, committedOnly);
  const nothingYet = offset >= bound && offset <= log.endOffset && offset >= log.startOffset;
  if ((nothingYet && !log.isClosed) || read.divergingEpoch) return read;
  const options = { atLeastOneBatch };
  const reading = committedOnly
    ? log.readCommitted(offset, maxBytes, options)
    : log.read(offset, maxBytes, options).then((records) => ({ records }));
  return reading.then(
    (found) => ({ ...read, ...found }),
    (error: unknown) => refused(partition.index, errorCodeOf(error)),
  );
}

/** Whether there is more to read than was read: the limits or the end of a segment cut it. */
export function isCut(
  { offset }: PartitionToRead,
  read: PartitionRead,
  committedOnly: boolean,
): boolean {
  if (read.error !== ErrorCode.NONE) return false;
  return (
    endOffsetOf(read.records, offset) < (committedOnly ? read.lastStableOffset : read.highWatermark)
  );
}

function boundOf(log: PartitionLog, committedOnly: boolean): number {
  return committedOnly ? log.lastStableOffset : log.highWatermark;
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
