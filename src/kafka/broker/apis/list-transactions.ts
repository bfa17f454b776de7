/*
 * ListTransactions: transactional ids, by state, producer or age (KIP-664, KIP-994).
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { array, int16, int32, int64, string } from '../protocol/types.js';
import { transactionStatuses } from '../transactions/transaction.js';

const request = {
  stateFilters: array(string()),
  producerIdFilters: array(int64()),
  durationFilter: int64('1+').or(-1),
};

const response = {
  throttleTimeMs: int32().or(0),
  errorCode: int16(),
  unknownStateFilters: array(string()),
  transactionStates: array({
    transactionalId: string(),
    producerId: int64(),
    transactionState: string(),
  }),
};

export const listTransactions = api({
  key: 66,
  name: 'ListTransactions',
  versions: '0-1',
  flexibleFrom: 0,
  request,
  response,
  handle({ stateFilters, producerIdFilters, durationFilter }, { broker }) {
    const known: readonly string[] = transactionStatuses;
    const states = new Set(stateFilters);
    const producers = new Set(producerIdFilters);
    const longerThan = Date.now() - durationFilter;
    const found = broker.transactions.all().filter(({ status, producerId, startedAt }) => {
      if (states.size > 0 && !states.has(status)) return false;
      if (producers.size > 0 && !producers.has(producerId)) return false;
      return durationFilter < 0 || (startedAt >= 0 && startedAt < longerThan);
    });
    return {
      errorCode: ErrorCode.NONE,
      unknownStateFilters: stateFilters.filter((state) => !known.includes(state)),
      transactionStates: found.map(({ transactionalId, producerId, status }) => ({
        transactionalId,
        producerId,
        transactionState: status,
      })),
    };
  },
});
