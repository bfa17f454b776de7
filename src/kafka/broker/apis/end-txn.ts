/*
 * EndTxn: commits or aborts a transaction. The answer says that this is decided: markers that
 * cannot be stored yet follow.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { bool, int16, int32, int64, string } from '../protocol/types.js';
import { transactionErrorOf } from './transaction-error-of.js';

const request = {
  transactionalId: string(),
  producerId: int64(),
  producerEpoch: int16(),
  committed: bool(),
};

const response = {
  throttleTimeMs: int32().or(0),
  errorCode: int16(),
};

export const endTxn = api({
  key: 26,
  name: 'EndTxn',
  versions: '0-3',
  flexibleFrom: 3,
  request,
  response,
  async handle({ transactionalId, producerId, producerEpoch, committed }, { broker, version }) {
    const producer = { producerId, producerEpoch };
    const errorCode = await transactionErrorOf(version >= 2, () =>
      broker.transactions.end(transactionalId, producer, committed ? 'commit' : 'abort'),
    );
    return { errorCode };
  },
});
