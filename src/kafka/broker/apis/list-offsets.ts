/*
 * ListOffsets: the offset at a time, or at one of the special times -1 (end), -2 (start),
 * -3 (the record with the largest time) and -4 (start of what is held locally).
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { leaderEpochError } from '../fetch/leader-epoch-error.js';
import type { PartitionLog } from '../storage/partition-log.js';
import { errorCodeOf } from './error-code-of.js';
import { array, int16, int32, int64, int8, string } from '../protocol/types.js';

const request = {
  replicaId: int32(),
  isolationLevel: int8('2+'),
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
      currentLeaderEpoch: int32('4+').or(-1),
      timestamp: int64(),
    }),
  }),
};

const response = {
  throttleTimeMs: int32('2+').or(0),
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16(),
      timestamp: int64().or(-1),
      offset: int64().or(-1),
      leaderEpoch: int32('4+').or(-1),
    }),
  }),
};

export const listOffsets = api({
  key: 2,
  name: 'ListOffsets',
  versions: '1-8',
  flexibleFrom: 6,
  request,
  response,
  async handle({ topics, isolationLevel }, { broker }) {
    const committedOnly = isolationLevel === READ_COMMITTED;
    return {
      topics: await Promise.all(
        topics.map(async ({ name, partitions }) => ({
          name,
          partitions: await Promise.all(
            partitions.map(async ({ partitionIndex, timestamp, currentLeaderEpoch }) => ({
              partitionIndex,
              ...(await find(
                broker.topics.get(name)?.partitions[partitionIndex],
                timestamp,
                currentLeaderEpoch,
                committedOnly,
              )),
            })),
          ),
        })),
      ),
    };
  },
});

const READ_COMMITTED = 1;
const LATEST = -1;
const EARLIEST = -2;
const LARGEST_TIME = -3;
const EARLIEST_LOCAL = -4;

interface Found {
  readonly errorCode: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly leaderEpoch: number;
}

const NOT_FOUND: Found = { errorCode: ErrorCode.NONE, offset: -1, timestamp: -1, leaderEpoch: -1 };

async function find(
  log: PartitionLog | undefined,
  timestamp: number,
  currentLeaderEpoch: number,
  committedOnly: boolean,
): Promise<Found> {
  if (!log) return { ...NOT_FOUND, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION };
  const epochError = leaderEpochError(log, currentLeaderEpoch);
  if (epochError !== ErrorCode.NONE) return { ...NOT_FOUND, errorCode: epochError };
  try {
    return await findIn(log, timestamp, committedOnly ? log.lastStableOffset : log.highWatermark);
  } catch (error) {
    return { ...NOT_FOUND, errorCode: errorCodeOf(error) };
  }
}

async function findIn(log: PartitionLog, timestamp: number, end: number): Promise<Found> {
  if (timestamp === LATEST) {
    return { ...NOT_FOUND, offset: end, leaderEpoch: log.leaderEpoch };
  }
  if (timestamp === EARLIEST || timestamp === EARLIEST_LOCAL) {
    return { ...NOT_FOUND, offset: log.startOffset, leaderEpoch: log.leaderEpoch };
  }
  if (timestamp < LARGEST_TIME)
    return { ...NOT_FOUND, errorCode: ErrorCode.UNSUPPORTED_FOR_MESSAGE_FORMAT };
  const found =
    timestamp === LARGEST_TIME ? await log.maxTimestamp() : await log.offsetForTimestamp(timestamp);
  return found && found.offset < end ? { errorCode: ErrorCode.NONE, ...found } : NOT_FOUND;
}
