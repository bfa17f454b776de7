/*
 * DescribeQuorum: Kafka's metadata quorum. A single node is its own quorum of one; there is no
 * metadata log, so its offsets are 0.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { array, int16, int32, int64, string, uint16, uuid, ZERO_UUID } from '../protocol/types.js';

const request = {
  topics: array({
    topicName: string(),
    partitions: array({
      partitionIndex: int32(),
    }),
  }),
};

const response = {
  errorCode: int16(),
  errorMessage: string('2+').nullable('2+').or(null),
  topics: array({
    topicName: string(),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16(),
      errorMessage: string('2+').nullable('2+').or(null),
      leaderId: int32(),
      leaderEpoch: int32(),
      highWatermark: int64(),
      currentVoters: array({
        replicaId: int32(),
        replicaDirectoryId: uuid('2+').or(ZERO_UUID),
        logEndOffset: int64(),
        lastFetchTimestamp: int64('1+').or(-1),
        lastCaughtUpTimestamp: int64('1+').or(-1),
      }),
      observers: array({
        replicaId: int32(),
        replicaDirectoryId: uuid('2+').or(ZERO_UUID),
        logEndOffset: int64(),
        lastFetchTimestamp: int64('1+').or(-1),
        lastCaughtUpTimestamp: int64('1+').or(-1),
      }),
    }),
  }),
  nodes: array(
    {
      nodeId: int32('2+').or(0),
      listeners: array(
        {
          name: string('2+').or(''),
          host: string('2+').or(''),
          port: uint16('2+').or(0),
        },
        '2+',
      ).or([]),
    },
    '2+',
  ).or([]),
};

export const describeQuorum = api({
  key: 55,
  name: 'DescribeQuorum',
  versions: '0-2',
  flexibleFrom: 0,
  request,
  response,
  handle({ topics }, { broker }) {
    const { nodeId, leaderEpoch, host, port } = broker.node;
    const self = { replicaId: nodeId, logEndOffset: 0 };
    return {
      errorCode: ErrorCode.NONE,
      topics: topics.map(({ topicName, partitions }) => ({
        topicName,
        partitions: partitions.map(({ partitionIndex }) => ({
          partitionIndex,
          errorCode:
            topicName === METADATA_TOPIC && partitionIndex === 0
              ? ErrorCode.NONE
              : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
          leaderId: nodeId,
          leaderEpoch,
          highWatermark: 0,
          currentVoters: [self],
          observers: [],
        })),
      })),
      nodes: [{ nodeId, listeners: [{ name: 'PLAINTEXT', host, port }] }],
    };
  },
});

const METADATA_TOPIC = '__cluster_metadata';
