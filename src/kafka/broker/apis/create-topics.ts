/*
 * CreateTopics: makes topics, each on its own merits. The list of configurations in the answer is
 * never null: Java's admin client fails on null although the topic exists.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { ErrorCode, KafkaError } from '../protocol/error-codes.js';
import type { Broker } from '../broker.js';
import { describeTopicConfigs } from '../topics/describe-topic-configs.js';
import { errorCodeOf } from './error-code-of.js';
import { repeated } from './repeated.js';
import { array, bool, int16, int32, int8, string, uuid, ZERO_UUID } from '../protocol/types.js';

const request = {
  topics: array({
    name: string(),
    numPartitions: int32(),
    replicationFactor: int16(),
    assignments: array({
      partitionIndex: int32(),
      brokerIds: array(int32()),
    }),
    configs: array({
      name: string(),
      value: string().nullable(),
    }),
  }),
  timeoutMs: int32().or(60000),
  validateOnly: bool().or(false),
};

const response = {
  throttleTimeMs: int32().or(0),
  topics: array({
    name: string(),
    topicId: uuid('7+').or(ZERO_UUID),
    errorCode: int16(),
    errorMessage: string().nullable().or(null),
    topicConfigErrorCode: int16('5+').tagged(0, '5+').or(0),
    numPartitions: int32('5+').or(-1),
    replicationFactor: int16('5+').or(-1),
    configs: array(
      {
        name: string('5+').or(''),
        value: string('5+').nullable('5+').or(null),
        readOnly: bool('5+').or(false),
        configSource: int8('5+').or(-1),
        isSensitive: bool('5+').or(false),
      },
      '5+',
    )
      .nullable('5+')
      .or(null),
  }),
};

export const createTopics = api({
  key: 19,
  name: 'CreateTopics',
  versions: '2-7',
  flexibleFrom: 5,
  request,
  response,
  async handle({ topics, validateOnly }, { broker }) {
    const twice = repeated(topics.map(({ name }) => name));
    const results = [];
    const asked = topics.reduce((sum, topic) => sum + Math.max(1, countOf(broker, topic)), 0);
    if (asked > MAX_PARTITIONS_PER_REQUEST) {
      const error = new KafkaError(
        ErrorCode.POLICY_VIOLATION,
        'Too many partitions in one request.',
      );
      return { topics: topics.map(({ name }) => refused(name, error)) };
    }
    for (const topic of topics) {
      results.push(
        twice.has(topic.name)
          ? refused(topic.name, new KafkaError(ErrorCode.INVALID_REQUEST, 'Duplicate topic name.'))
          : await create(broker, topic, validateOnly),
      );
    }
    return { topics: results };
  },
});

const BROKER_DEFAULT = -1;
/** Kafka's controller takes as many in one request. */
const MAX_PARTITIONS_PER_REQUEST = 10_000;

/** Partitions that a topic would have, were it made. */
function countOf(broker: Broker, { assignments, numPartitions }: NewTopic): number {
  if (assignments.length > 0) return assignments.length;
  return numPartitions === BROKER_DEFAULT ? broker.settings.defaultPartitions : numPartitions;
}

interface NewTopic {
  readonly name: string;
  readonly numPartitions: number;
  readonly replicationFactor: number;
  readonly assignments: ReadonlyArray<{
    readonly partitionIndex: number;
    readonly brokerIds: readonly number[];
  }>;
  readonly configs: ReadonlyArray<{ readonly name: string; readonly value: string | null }>;
}

async function create(broker: Broker, wanted: NewTopic, validateOnly: boolean) {
  try {
    const partitions = partitionCount(broker, wanted);
    const configs = Object.fromEntries(wanted.configs.map(({ name, value }) => [name, value]));
    broker.topics.validateNew(wanted.name, partitions, configs);
    const topic = validateOnly
      ? undefined
      : await broker.topics.create(wanted.name, partitions, configs);
    const values = topic?.configs ?? (configs as Record<string, string>);
    return {
      name: wanted.name,
      topicId: topic?.id ?? ZERO_UUID,
      errorCode: ErrorCode.NONE,
      numPartitions: partitions,
      replicationFactor: 1,
      configs: describeTopicConfigs(values, broker.topics.defaults).map((config) => ({
        name: config.name,
        value: config.value,
        readOnly: false,
        configSource: config.source,
        isSensitive: false,
      })),
    };
  } catch (error) {
    return refused(wanted.name, error);
  }
}

function refused(name: string, error: unknown) {
  return {
    name,
    errorCode: errorCodeOf(error),
    errorMessage: (error as Error).message,
    configs: [],
  };
}

/** @throws KafkaError where replicas or an assignment ask for more than one node can give. */
function partitionCount(broker: Broker, wanted: NewTopic): number {
  if (wanted.assignments.length > 0) return assignedCount(broker, wanted);
  if (wanted.replicationFactor !== BROKER_DEFAULT && wanted.replicationFactor !== 1) {
    throw new KafkaError(
      ErrorCode.INVALID_REPLICATION_FACTOR,
      wanted.replicationFactor < 1
        ? 'Replication factor must be larger than 0, or -1 to use the default value.'
        : `Unable to replicate the partition ${wanted.replicationFactor} time(s): only 1 broker(s) are registered.`,
    );
  }
  return countOf(broker, wanted);
}

function assignedCount({ node }: Broker, { assignments, ...wanted }: NewTopic): number {
  if (wanted.numPartitions !== BROKER_DEFAULT || wanted.replicationFactor !== BROKER_DEFAULT) {
    throw new KafkaError(
      ErrorCode.INVALID_REQUEST,
      'A manual partition assignment was specified, but a count was given as well.',
    );
  }
  const indexes = new Set(assignments.map(({ partitionIndex }) => partitionIndex));
  const onThisNode = assignments.every(
    ({ brokerIds }) => brokerIds.length === 1 && brokerIds[0] === node.nodeId,
  );
  const consecutive = assignments.every((_, i) => indexes.has(i));
  if (onThisNode && consecutive) return assignments.length;
  throw new KafkaError(
    ErrorCode.INVALID_REPLICA_ASSIGNMENT,
    'Partitions must be numbered from 0, each with this broker as its only replica.',
  );
}
