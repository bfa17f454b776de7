/*
 * OffsetCommit: stores a group's positions, durably before it answers. Anyone may commit for a group
 * without members; otherwise only a member of the present generation.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import type { NewOffset } from '../groups/committed-offsets.js';
import { commitOffsets } from './commit-offsets.js';
import { coordinatorErrorOf } from './error-code-of.js';
import { array, int16, int32, int64, string } from '../protocol/types.js';

const request = {
  groupId: string(),
  generationIdOrMemberEpoch: int32().or(-1),
  memberId: string(),
  groupInstanceId: string('7+').nullable('7+'),
  retentionTimeMs: int64('2-4').or(-1),
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
      committedOffset: int64(),
      committedLeaderEpoch: int32('6+').or(-1),
      committedMetadata: string().nullable(),
    }),
  }),
};

const response = {
  throttleTimeMs: int32('3+').or(0),
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16(),
    }),
  }),
};

export const offsetCommit = api({
  key: 8,
  name: 'OffsetCommit',
  versions: '2-9',
  flexibleFrom: 8,
  request,
  response,
  async handle(input, { broker }) {
    const refusal = broker.groups.commitError(input.groupId, {
      memberId: input.memberId,
      instanceId: input.groupInstanceId,
      generation: input.generationIdOrMemberEpoch,
    });
    const store = async (offsets: readonly NewOffset[]): Promise<number> => {
      try {
        await broker.groups.commit(input.groupId, offsets);
        return ErrorCode.NONE;
      } catch (error) {
        return coordinatorErrorOf(error);
      }
    };
    return { topics: await commitOffsets(broker, input.topics, refusal, store) };
  },
});
