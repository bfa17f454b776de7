/*
 * Fetch: reads record batches, waiting up to maxWaitMs for minBytes. Every fetch is a full one:
 * session id 0 in the response tells the client that no fetch session (KIP-227) was made, which
 * Kafka does too when its cache is full.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api, type RequestContext } from './api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { firstTime } from './first-time.js';
import { readWithLongPoll, type LongPoll } from '../fetch/long-poll.js';
import type { PartitionToRead, PartitionRead } from '../fetch/read-partitions.js';
import type { Broker } from '../broker.js';
import type { Decoded, Encodable } from '../protocol/field.js';
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
  handle(input, context) {
    if (input.sessionId !== 0) {
      return { errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND, responses: [] };
    }
    // What is waited with is only what this gives: the request is far larger.
    return readTopics(
      withoutRepeats(input.topics).map((topic) => topicToRead(context.broker, topic)),
      {
        maxWaitMs: input.maxWaitMs,
        minBytes: input.minBytes,
        maxBytes: Math.max(0, Math.min(input.maxBytes, MAX_RESPONSE_BYTES)),
        committedOnly: input.isolationLevel === READ_COMMITTED,
        closed: context.closed,
      },
      context.holdMore,
    );
  },
});

async function readTopics(
  topics: readonly TopicToRead[],
  poll: LongPoll,
  holdMore: RequestContext['holdMore'],
): Promise<Encodable<typeof response>> {
  const wanted = topics.flatMap(({ partitions }) => partitions);
  holdMore(wanted.length * PARTITION_BYTES);
  const reads = await readWithLongPoll(wanted, poll);
  let next = 0;
  return {
    responses: topics.map(({ topic, topicId, partitions }) => ({
      topic,
      topicId,
      partitions: partitions.map(() => encodePartition(reads[next++]!)),
    })),
  };
}

const READ_COMMITTED = 1;
/** Kafka's fetch.max.bytes of the broker: whatever a client asks for. */
const MAX_RESPONSE_BYTES = 57_671_680;
/** What waiting with a partition, and listening to it, takes. */
const PARTITION_BYTES = 400;

type FetchTopic = Decoded<typeof request>['topics'][number];

interface TopicToRead {
  readonly topic: string;
  readonly topicId: string;
  readonly partitions: readonly PartitionToRead[];
}

function withoutRepeats(topics: readonly FetchTopic[]): readonly FetchTopic[] {
  const isFirst = firstTime();
  return topics.map((each) => ({
    ...each,
    partitions: each.partitions.filter(({ partition }) =>
      isFirst(`${each.topic}/${each.topicId}/${partition}`),
    ),
  }));
}

function topicToRead(
  broker: Broker,
  { topic: name, topicId, partitions }: FetchTopic,
): TopicToRead {
  const byId = topicId !== ZERO_UUID;
  const topic = byId ? broker.topics.getById(topicId) : broker.topics.get(name);
  const missing = byId ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  const toRead = partitions.map((p) => ({
    index: p.partition,
    log: topic?.partitions[p.partition],
    missingError: topic ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : missing,
    offset: p.fetchOffset,
    maxBytes: p.partitionMaxBytes,
    maxMessageBytes: topic?.logConfig.maxMessageBytes ?? 0,
    currentLeaderEpoch: p.currentLeaderEpoch,
    lastFetchedEpoch: p.lastFetchedEpoch,
  }));
  return { topic: name, topicId, partitions: toRead };
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
