/*
 * Fetch: reads record batches, waiting up to maxWaitMs for minBytes. Every fetch is a full one:
 * session id 0 in the response tells the client that no fetch session (KIP-227) was made, which
 * Kafka does too when its cache is full.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { firstTime } from './first-time.js';
import { readWithLongPoll } from '../fetch/long-poll.js';
import type { PartitionToRead, PartitionRead } from '../fetch/read-partitions.js';
import type { Broker } from '../broker.js';
import type { Decoded } from '../protocol/field.js';
import {
  array,
  int16,
  int32,
  int64,
  int8,
  records,
  string,
  struct,
  uuid,
  ZERO_UUID,
} from '../protocol/types.js';

const request = {
  clusterId: string('12+').nullable('12+').tagged(0, '12+'),
  replicaId: int32('0-14').or(-1),
  replicaState: struct(
    {
      replicaId: int32('15+').or(-1),
      replicaEpoch: int64('15+').or(-1),
    },
    '15+',
  ).tagged(1, '15+'),
  maxWaitMs: int32(),
  minBytes: int32(),
  maxBytes: int32().or(2147483647),
  isolationLevel: int8().or(0),
  sessionId: int32('7+').or(0),
  sessionEpoch: int32('7+').or(-1),
  topics: array({
    topic: string('0-12'),
    topicId: uuid('13+'),
    partitions: array({
      partition: int32(),
      currentLeaderEpoch: int32('9+').or(-1),
      fetchOffset: int64(),
      lastFetchedEpoch: int32('12+').or(-1),
      logStartOffset: int64('5+').or(-1),
      partitionMaxBytes: int32(),
    }),
  }),
  forgottenTopicsData: array(
    {
      topic: string('7-12'),
      topicId: uuid('13+'),
      partitions: array(int32(), '7+'),
    },
    '7+',
  ),
  rackId: string('11+').or(''),
};

const response = {
  throttleTimeMs: int32().or(0),
  errorCode: int16('7+').or(0),
  sessionId: int32('7+').or(0),
  responses: array({
    topic: string('0-12').or(''),
    topicId: uuid('13+').or(ZERO_UUID),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16(),
      highWatermark: int64(),
      lastStableOffset: int64().or(-1),
      logStartOffset: int64('5+').or(-1),
      divergingEpoch: struct(
        {
          epoch: int32('12+').or(-1),
          endOffset: int64('12+').or(-1),
        },
        '12+',
      ).tagged(0, '12+'),
      currentLeader: struct(
        {
          leaderId: int32('12+').or(-1),
          leaderEpoch: int32('12+').or(-1),
        },
        '12+',
      ).tagged(1, '12+'),
      snapshotId: struct(
        {
          endOffset: int64().or(-1),
          epoch: int32().or(-1),
        },
        '12+',
      ).tagged(2, '12+'),
      abortedTransactions: array({
        producerId: int64(),
        firstOffset: int64(),
      })
        .nullable()
        .or(null),
      preferredReadReplica: int32('11+').or(-1),
      records: records().nullable().or(null),
    }),
  }),
  nodeEndpoints: array(
    {
      nodeId: int32('16+').or(0),
      host: string('16+').or(''),
      port: int32('16+').or(0),
      rack: string('16+').nullable('16+').or(null),
    },
    '16+',
  )
    .tagged(0, '16+')
    .or([]),
};

export const fetch = api({
  key: 1,
  name: 'Fetch',
  versions: '4-16',
  flexibleFrom: 12,
  request,
  response,
  async handle(input, { broker, closed }) {
    if (input.sessionId !== 0) {
      return { errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND, responses: [] };
    }
    const topics = withoutRepeats(input.topics);
    const wanted = topics.flatMap((topic) => partitionsOf(broker, topic));
    const reads = await readWithLongPoll(wanted, {
      maxWaitMs: input.maxWaitMs,
      minBytes: input.minBytes,
      maxBytes: Math.max(0, Math.min(input.maxBytes, MAX_RESPONSE_BYTES)),
      committedOnly: input.isolationLevel === READ_COMMITTED,
      closed,
    });
    let next = 0;
    return {
      responses: topics.map(({ topic, topicId, partitions }) => ({
        topic,
        topicId,
        partitions: partitions.map(() => encodePartition(reads[next++]!)),
      })),
    };
  },
});

const READ_COMMITTED = 1;
/** Kafka's fetch.max.bytes of the broker: whatever a client asks for. */
const MAX_RESPONSE_BYTES = 57_671_680;

type FetchTopic = Decoded<typeof request>['topics'][number];

function withoutRepeats(topics: readonly FetchTopic[]): readonly FetchTopic[] {
  const isFirst = firstTime();
  return topics.map((each) => ({
    ...each,
    partitions: each.partitions.filter(({ partition }) =>
      isFirst(`${each.topic}/${each.topicId}/${partition}`),
    ),
  }));
}

function partitionsOf(
  broker: Broker,
  { topic: name, topicId, partitions }: FetchTopic,
): readonly PartitionToRead[] {
  const byId = topicId !== ZERO_UUID;
  const topic = byId ? broker.topics.getById(topicId) : broker.topics.get(name);
  const missing = byId ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  return partitions.map((p) => ({
    index: p.partition,
    log: topic?.partitions[p.partition],
    missingError: topic ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : missing,
    offset: p.fetchOffset,
    maxBytes: p.partitionMaxBytes,
    maxMessageBytes: topic?.logConfig.maxMessageBytes ?? 0,
    currentLeaderEpoch: p.currentLeaderEpoch,
    lastFetchedEpoch: p.lastFetchedEpoch,
  }));
}

function encodePartition(read: PartitionRead) {
  return {
    partitionIndex: read.index,
    errorCode: read.error,
    highWatermark: read.highWatermark,
    lastStableOffset: read.lastStableOffset,
    logStartOffset: read.logStartOffset,
    divergingEpoch: read.divergingEpoch,
    abortedTransactions: read.abortedTransactions,
    records: [read.records],
  };
}
