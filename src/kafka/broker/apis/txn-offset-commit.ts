/*
 * TxnOffsetCommit: offsets of a group that count once the transaction commits. Who commits for a
 * group with members has to be one of them (KIP-447), as with OffsetCommit.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import type { Broker } from '../broker.js';
import type { NewOffset } from '../groups/committed-offsets.js';
import { commitOffsets } from './commit-offsets.js';
import { ErrorCode, KafkaError } from '../protocol/error-codes.js';
import { array, int16, int32, int64, string } from '../protocol/types.js';
import { transactionErrorOf } from './transaction-error-of.js';

const request = {
  transactionalId: string(),
  groupId: string(),
  producerId: int64(),
  producerEpoch: int16(),
  generationId: int32('3+').or(-1),
  memberId: string('3+').or(''),
  groupInstanceId: string('3+').nullable('3+'),
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
      committedOffset: int64(),
      committedLeaderEpoch: int32('2+').or(-1),
      committedMetadata: string().nullable(),
    }),
  }),
};

const response = {
  throttleTimeMs: int32().or(0),
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16(),
    }),
  }),
};

export const txnOffsetCommit = api({
  key: 28,
  name: 'TxnOffsetCommit',
  versions: '0-3',
  flexibleFrom: 3,
  request,
  response,
  async handle(input, { broker }) {
    const { transactionalId, producerId, producerEpoch, groupId } = input;
    const producer = { producerId, producerEpoch };
    // In the same step in which they become pending: who is no member any more may not commit (KIP-447).
    const admit = (offsets: readonly NewOffset[]): void => {
      const refusal = membershipError(broker, input);
      if (refusal !== ErrorCode.NONE) throw new KafkaError(refusal, 'not a member of the group');
      broker.groups.expect(groupId, offsets);
    };
    const topics = await commitOffsets(broker, input.topics, ErrorCode.NONE, (all) =>
      transactionErrorOf(false, () =>
        broker.transactions.addOffsets(transactionalId, producer, groupId, all, () => admit(all)),
      ),
    );
    return { topics };
  },
});

/** Producers that say nothing of a membership are let through, as Kafka does. */
function membershipError(
  broker: Broker,
  said: {
    readonly groupId: string;
    readonly generationId: number;
    readonly memberId: string;
    readonly groupInstanceId: string | null;
  },
): ErrorCode {
  const { groupId, generationId: generation, memberId, groupInstanceId: instanceId } = said;
  if (groupId === '') return ErrorCode.INVALID_GROUP_ID;
  return broker.groups.commitError(groupId, { memberId, instanceId, generation }, true);
}
