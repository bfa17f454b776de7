/*
 * InitProducerId: a new producer id for an idempotent producer, unique over restarts. Transactional
 * producers are refused until the broker coordinates transactions.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { errorCodeOf } from './error-code-of.js';
import { int16, int32, int64, string } from '../protocol/types.js';

const request = {
  transactionalId: string().nullable(),
  transactionTimeoutMs: int32(),
  producerId: int64('3+').or(-1),
  producerEpoch: int16('3+').or(-1),
};

const response = {
  throttleTimeMs: int32().or(0),
  errorCode: int16(),
  producerId: int64().or(-1),
  producerEpoch: int16(),
};

export const initProducerId = api({
  key: 22,
  name: 'InitProducerId',
  versions: '0-4',
  flexibleFrom: 2,
  request,
  response,
  async handle({ transactionalId }, { broker }) {
    if (transactionalId !== null) {
      return { errorCode: ErrorCode.UNSUPPORTED_VERSION, producerId: -1, producerEpoch: -1 };
    }
    try {
      const producerId = await broker.producerIds.next();
      return { errorCode: ErrorCode.NONE, producerId, producerEpoch: 0 };
    } catch (error) {
      return { errorCode: errorCodeOf(error), producerId: -1, producerEpoch: -1 };
    }
  },
});
