/*
 * DescribeTransactions: what the broker knows of transactional ids (KIP-664).
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { array, int16, int32, int64, string } from '../protocol/types.js';
import { firstTime } from './first-time.js';
import { partitionsByTopic } from './partitions-by-topic.js';

const request = { transactionalIds: array(string()) };

const response = {
  throttleTimeMs: int32().or(0),
  transactionStates: array({
    errorCode: int16(),
    transactionalId: string(),
    transactionState: string(),
    transactionTimeoutMs: int32(),
    transactionStartTimeMs: int64(),
    producerId: int64(),
    producerEpoch: int16(),
    topics: array({
      topic: string(),
      partitions: array(int32()),
    }),
  }),
};

const unknown = (transactionalId: string) => ({
  errorCode: ErrorCode.TRANSACTIONAL_ID_NOT_FOUND,
  transactionalId,
  transactionState: '',
  transactionTimeoutMs: 0,
  transactionStartTimeMs: 0,
  producerId: 0,
  producerEpoch: 0,
  topics: [],
});

export const describeTransactions = api({
  key: 65,
  name: 'DescribeTransactions',
  versions: '0-0',
  flexibleFrom: 0,
  request,
  response,
  handle({ transactionalIds }, { broker }) {
    return {
      transactionStates: transactionalIds.filter(firstTime()).map((transactionalId) => {
        const known = broker.transactions.get(transactionalId);
        if (known === undefined) return unknown(transactionalId);
        return {
          errorCode: ErrorCode.NONE,
          transactionalId,
          transactionState: known.status,
          transactionTimeoutMs: known.timeoutMs,
          transactionStartTimeMs: known.startedAt,
          producerId: known.producerId,
          producerEpoch: known.producerEpoch,
          topics: [...partitionsByTopic(known.partitions)].map(([topic, partitions]) => ({
            topic,
            partitions,
          })),
        };
      }),
    };
  },
});
