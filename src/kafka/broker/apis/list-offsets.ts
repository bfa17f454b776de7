/*
 * ListOffsets: the offset at a time, or at one of the special times -1 (end), -2 (start),
 * -3 (the record with the largest time), -4 (start of what is held locally), and -5 and -6, which
 * are about tiered storage.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { leaderEpochError } from '../fetch/leader-epoch-error.js';
import type { PartitionLog } from '../storage/partition-log.js';
import { errorCodeOf } from './error-code-of.js';
import { repeated } from './repeated.js';
import { takingTurns } from '../concurrency/taking-turns.js';
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
  timeoutMs: int32('10+').or(0),
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
  versions: '1-11',
  flexibleFrom: 6,
  request,
  response,
  async handle({ topics, isolationLevel }, { broker, version }) {
    const committedOnly = isolationLevel === READ_COMMITTED;
    const twice = repeated(
      topics.flatMap(({ name, partitions }) =>
        partitions.map((p) => `${name}/${p.partitionIndex}`),
      ),
    );
    const turn = takingTurns();
    const answers = [];
    // One after the other: each may read a piece of a file, and there may be very many.
    for (const { name, partitions } of topics) {
      const found = [];
      for (const { partitionIndex, timestamp, currentLeaderEpoch } of partitions) {
        await turn();
        const log = broker.topics.get(name)?.partitions[partitionIndex];
        const errorCode = twice.has(`${name}/${partitionIndex}`)
          ? ErrorCode.INVALID_REQUEST
          : timeError(timestamp, version);
        const answer =
          errorCode !== ErrorCode.NONE
            ? { ...NOT_FOUND, errorCode }
            : await find(log, timestamp, currentLeaderEpoch, committedOnly);
        found.push({ partitionIndex, ...answer });
      }
      answers.push({ name, partitions: found });
    }
    return { topics: answers };
  },
});

const READ_COMMITTED = 1;
const LATEST = -1;
const EARLIEST = -2;
const LARGEST_TIME = -3;
const EARLIEST_LOCAL = -4;
/** Without tiered storage there is no such offset (KIP-1005, KIP-1023). */
const LATEST_TIERED = -5;
const EARLIEST_PENDING_UPLOAD = -6;

/** The first version in which each special time means something. */
const KNOWN_FROM: ReadonlyMap<number, number> = new Map([
  [LATEST, 1],
  [EARLIEST, 1],
  [LARGEST_TIME, 7],
  [EARLIEST_LOCAL, 8],
  [LATEST_TIERED, 9],
  [EARLIEST_PENDING_UPLOAD, 11],
]);

function timeError(timestamp: number, version: number): ErrorCode {
  const isKnown = timestamp >= 0 || version >= (KNOWN_FROM.get(timestamp) ?? Infinity);
  return isKnown ? ErrorCode.NONE : ErrorCode.UNSUPPORTED_VERSION;
}

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
  if (timestamp === LATEST_TIERED || timestamp === EARLIEST_PENDING_UPLOAD) return NOT_FOUND;
  const found =
    timestamp === LARGEST_TIME ? await log.maxTimestamp() : await log.offsetForTimestamp(timestamp);
  return found && found.offset < end ? { errorCode: ErrorCode.NONE, ...found } : NOT_FOUND;
}
