/*
 * CreatePartitions: adds partitions to topics, up to a new total.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { ErrorCode, KafkaError } from '../protocol/error-codes.js';
import type { Broker } from '../broker.js';
import { errorCodeOf } from './error-code-of.js';
import { repeated } from './repeated.js';
import { array, bool, int16, int32, string } from '../protocol/types.js';

const request = {
  topics: array({
    name: string(),
    count: int32(),
    assignments: array({
      brokerIds: array(int32()),
    }).nullable(),
  }),
  timeoutMs: int32(),
  validateOnly: bool(),
};

const response = {
  throttleTimeMs: int32().or(0),
  results: array({
    name: string(),
    errorCode: int16(),
    errorMessage: string().nullable().or(null),
  }),
};

export const createPartitions = api({
  key: 37,
  name: 'CreatePartitions',
  versions: '0-3',
  flexibleFrom: 2,
  request,
  response,
  async handle({ topics, validateOnly }, { broker }) {
    const twice = repeated(topics.map(({ name }) => name));
    const results = [];
    for (const topic of topics) {
      try {
        if (twice.has(topic.name)) {
          throw new KafkaError(ErrorCode.INVALID_REQUEST, 'Duplicate topic in request.');
        }
        await extend(broker, topic, validateOnly);
        results.push({ name: topic.name, errorCode: ErrorCode.NONE });
      } catch (error) {
        results.push({
          name: topic.name,
          errorCode: errorCodeOf(error),
          errorMessage: (error as Error).message,
        });
      }
    }
    return { results };
  },
});

interface Extension {
  readonly name: string;
  readonly count: number;
  readonly assignments: ReadonlyArray<{ readonly brokerIds: readonly number[] }> | null;
}

async function extend(
  broker: Broker,
  { name, count, assignments }: Extension,
  validateOnly: boolean,
): Promise<void> {
  const topic = broker.topics.get(name);
  if (!topic) {
    throw new KafkaError(
      ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
      `The topic '${name}' does not exist.`,
    );
  }
  broker.topics.validateNewTotal(topic, count);
  const added = count - topic.partitions.length;
  const fits =
    assignments === null ||
    (assignments.length === added &&
      assignments.every(
        ({ brokerIds: [id, ...more] }) => id === broker.node.nodeId && !more.length,
      ));
  if (!fits) {
    throw new KafkaError(
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      `Each of the ${added} new partition(s) must be assigned to this broker alone.`,
    );
  }
  if (!validateOnly) await broker.topics.addPartitions(topic, count);
}
