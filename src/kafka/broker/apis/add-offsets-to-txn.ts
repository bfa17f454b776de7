/*
 * AddOffsetsToTxn: a group whose offsets a transaction is going to commit.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { int16, int32, int64, string } from '../protocol/types.js';
import { transactionErrorOf } from './transaction-error-of.js';

const request = {
  transactionalId: string(),
  producerId: int64(),
  producerEpoch: int16(),
  groupId: string(),
};

const response = {
  throttleTimeMs: int32().or(0),
  errorCode: int16(),
};

export const addOffsetsToTxn = api({
  key: 25,
  name: 'AddOffsetsToTxn',
  versions: '0-3',
  flexibleFrom: 3,
  request,
  response,
  async handle({ transactionalId, producerId, producerEpoch, groupId }, { broker, version }) {
    const producer = { producerId, producerEpoch };
    const errorCode = await transactionErrorOf(version >= 2, () =>
      broker.transactions.addGroup(transactionalId, producer, groupId),
    );
    return { errorCode };
  },
});
