/*
 * DescribeProducers: the idempotent producers that a partition remembers (KIP-664).
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { firstTime } from './first-time.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { array, int16, int32, int64, string } from '../protocol/types.js';

const request = {
  topics: array({
    name: string(),
    partitionIndexes: array(int32()),
  }),
};

const response = {
  throttleTimeMs: int32().or(0),
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16(),
      errorMessage: string().nullable().or(null),
      activeProducers: array({
        producerId: int64(),
        producerEpoch: int32(),
        lastSequence: int32().or(-1),
        lastTimestamp: int64().or(-1),
        coordinatorEpoch: int32(),
        currentTxnStartOffset: int64().or(-1),
      }),
    }),
  }),
};

export const describeProducers = api({
  key: 61,
  name: 'DescribeProducers',
  versions: '0-0',
  flexibleFrom: 0,
  request,
  response,
  handle({ topics }, { broker }) {
    const isFirst = firstTime();
    return {
      topics: topics.map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes
          .filter((partitionIndex) => isFirst(`${name}/${partitionIndex}`))
          .map((partitionIndex) => {
            const log = broker.topics.get(name)?.partitions[partitionIndex];
            return {
              partitionIndex,
              errorCode: log ? ErrorCode.NONE : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
              activeProducers:
                log?.producers().map((producer) => ({
                  producerId: producer.producerId,
                  producerEpoch: producer.producerEpoch,
                  lastSequence: producer.lastSequence,
                  lastTimestamp: producer.lastTimestamp,
                  coordinatorEpoch: producer.coordinatorEpoch,
                  currentTxnStartOffset: producer.currentTransactionStartOffset,
                })) ?? [],
            };
          }),
      })),
    };
  },
});
