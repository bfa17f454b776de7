/*
 * OffsetForLeaderEpoch: where an epoch ends in this log. The epoch rises at each start of the broker,
 * so a client finds out with it whether the log was cut behind its position.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { leaderEpochError } from '../fetch/leader-epoch-error.js';
import type { PartitionLog } from '../storage/partition-log.js';
import { array, int16, int32, int64, string } from '../protocol/types.js';

const request = {
  replicaId: int32('3+').or(-2),
  topics: array({
    topic: string(),
    partitions: array({
      partition: int32(),
      currentLeaderEpoch: int32().or(-1),
      leaderEpoch: int32(),
    }),
  }),
};

const response = {
  throttleTimeMs: int32().or(0),
  topics: array({
    topic: string(),
    partitions: array({
      errorCode: int16(),
      partition: int32(),
      leaderEpoch: int32().or(-1),
      endOffset: int64().or(-1),
    }),
  }),
};

export const offsetForLeaderEpoch = api({
  key: 23,
  name: 'OffsetForLeaderEpoch',
  versions: '2-4',
  flexibleFrom: 4,
  request,
  response,
  handle({ topics }, { broker }) {
    return {
      topics: topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition, currentLeaderEpoch, leaderEpoch }) => ({
          partition,
          ...endOf(
            broker.topics.get(topic)?.partitions[partition],
            currentLeaderEpoch,
            leaderEpoch,
          ),
        })),
      })),
    };
  },
});

function endOf(log: PartitionLog | undefined, currentLeaderEpoch: number, epoch: number) {
  if (!log) return { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, endOffset: -1 };
  const errorCode = leaderEpochError(log, currentLeaderEpoch);
  if (errorCode !== ErrorCode.NONE) return { errorCode, endOffset: -1 };
  const end = log.epochEnd(epoch);
  return { errorCode, leaderEpoch: end?.leaderEpoch ?? -1, endOffset: end?.endOffset ?? -1 };
}
