/*
 * Metadata: brokers, topics and partitions, by name or (from version 10) by topic id. A name that
 * does not exist is created when both the client and the broker allow it.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import type { Topic } from '../topics/topic.js';
import { validateTopicName } from '../topics/topic-name.js';
import { errorCodeOf } from './error-code-of.js';
import { firstTime } from './first-time.js';
import type { Broker } from '../broker.js';
import { array, bool, int16, int32, string, uuid, ZERO_UUID } from '../protocol/types.js';

const request = {
  topics: array({
    topicId: uuid('10+'),
    name: string().nullable('10+'),
  }).nullable('1+'),
  allowAutoTopicCreation: bool('4+').or(true),
  includeClusterAuthorizedOperations: bool('8-10'),
  includeTopicAuthorizedOperations: bool('8+'),
};

const response = {
  throttleTimeMs: int32('3+').or(0),
  brokers: array({
    nodeId: int32(),
    host: string(),
    port: int32(),
    rack: string('1+').nullable('1+').or(null),
  }),
  clusterId: string('2+').nullable('2+').or(null),
  controllerId: int32('1+').or(-1),
  topics: array({
    errorCode: int16(),
    name: string().nullable('12+').or(null),
    topicId: uuid('10+').or(ZERO_UUID),
    isInternal: bool('1+').or(false),
    partitions: array({
      errorCode: int16(),
      partitionIndex: int32(),
      leaderId: int32(),
      leaderEpoch: int32('7+').or(-1),
      replicaNodes: array(int32()),
      isrNodes: array(int32()),
      offlineReplicas: array(int32(), '5+').or([]),
    }),
    topicAuthorizedOperations: int32('8+').or(-2147483648),
  }),
  clusterAuthorizedOperations: int32('8-10').or(-2147483648),
};

export const metadata = api({
  key: 3,
  name: 'Metadata',
  versions: '0-12',
  flexibleFrom: 9,
  request,
  response,
  async handle({ topics, allowAutoTopicCreation }, { broker, version }) {
    const isFirst = firstTime();
    const everything = topics === null || (version === 0 && topics.length === 0);
    const described: DescribedTopic[] = everything
      ? broker.topics.all().map((topic) => describe(broker, topic))
      : [];
    // One after the other: what others create meanwhile does not wait for all of these.
    for (const { name, topicId } of everything ? [] : topics) {
      if (!isFirst(name ?? `id ${topicId}`)) continue;
      described.push(
        name === null
          ? describeById(broker, topicId)
          : await describeByName(broker, name, allowAutoTopicCreation),
      );
    }
    const { nodeId, host, port, clusterId } = broker.node;
    return {
      brokers: [{ nodeId, host, port }],
      clusterId,
      controllerId: nodeId,
      topics: described,
    };
  },
});

type DescribedTopic = ReturnType<typeof describe> | ReturnType<typeof missing>;

function describe({ node: { nodeId } }: Broker, topic: Topic) {
  return {
    errorCode: ErrorCode.NONE,
    name: topic.name,
    topicId: topic.id,
    partitions: topic.partitions.map((log, partitionIndex) => ({
      errorCode: ErrorCode.NONE,
      partitionIndex,
      leaderId: nodeId,
      leaderEpoch: log.leaderEpoch,
      replicaNodes: [nodeId],
      isrNodes: [nodeId],
    })),
  };
}

function missing(name: string | null, topicId: string, errorCode: number) {
  return { errorCode, name, topicId, partitions: [] };
}

function describeById(broker: Broker, topicId: string) {
  const topic = broker.topics.getById(topicId);
  return topic ? describe(broker, topic) : missing(null, topicId, ErrorCode.UNKNOWN_TOPIC_ID);
}

async function describeByName(broker: Broker, name: string, mayCreate: boolean) {
  const known = broker.topics.get(name);
  if (known) return describe(broker, known);
  try {
    validateTopicName(name);
    if (!mayCreate || !broker.settings.autoCreateTopics) {
      return missing(name, ZERO_UUID, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    }
    return describe(
      broker,
      await broker.topics.getOrCreate(name, broker.settings.defaultPartitions),
    );
  } catch (error) {
    return missing(name, ZERO_UUID, errorCodeOf(error));
  }
}
