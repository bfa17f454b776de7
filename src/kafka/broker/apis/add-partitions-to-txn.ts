/*
 * AddPartitionsToTxn: partitions that a producer is going to write to in its transaction. All are
 * added or none.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { array, int16, int32, int64, string } from '../protocol/types.js';
import { transactionErrorOf } from './transaction-error-of.js';

const request = {
  transactionalId: string(),
  producerId: int64(),
  producerEpoch: int16(),
  topics: array({
    name: string(),
    partitions: array(int32()),
  }),
};

const response = {
  throttleTimeMs: int32().or(0),
  results: array({
    name: string(),
    resultsByPartition: array({
      partitionIndex: int32(),
      partitionErrorCode: int16(),
    }),
  }),
};

export const addPartitionsToTxn = api({
  key: 24,
  name: 'AddPartitionsToTxn',
  versions: '0-3',
  flexibleFrom: 3,
  request,
  response,
  async handle({ transactionalId, producerId, producerEpoch, topics }, { broker, version }) {
    const answer = (errorOf: (topic: string, partition: number) => number) => ({
      results: topics.map(({ name, partitions }) => ({
        name,
        resultsByPartition: partitions.map((partitionIndex) => ({
          partitionIndex,
          partitionErrorCode: errorOf(name, partitionIndex),
        })),
      })),
    });
    const exists = (topic: string, partition: number): boolean =>
      broker.topics.get(topic)?.partitions[partition] !== undefined;
    const asked = topics.flatMap(({ name: topic, partitions }) =>
      partitions.map((partition) => ({ topic, partition })),
    );
    if (!asked.every(({ topic, partition }) => exists(topic, partition))) {
      return answer((topic, partition) =>
        exists(topic, partition)
          ? ErrorCode.OPERATION_NOT_ATTEMPTED
          : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
      );
    }
    const producer = { producerId, producerEpoch };
    const errorCode = await transactionErrorOf(version >= 2, () =>
      broker.transactions.addPartitions(transactionalId, producer, asked),
    );
    return answer(() => errorCode);
  },
});
