/*
 * SyncGroup: the leader brings the assignments, every member gets its own.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { ownCopy } from '../groups/own-copy.js';
import { array, bytes, int16, int32, string } from '../protocol/types.js';

const request = {
  groupId: string(),
  generationId: int32(),
  memberId: string(),
  groupInstanceId: string('3+').nullable('3+'),
  protocolType: string('5+').nullable('5+'),
  protocolName: string('5+').nullable('5+'),
  assignments: array({
    memberId: string(),
    assignment: bytes(),
  }),
};

const response = {
  throttleTimeMs: int32('1+').or(0),
  errorCode: int16(),
  protocolType: string('5+').nullable('5+').or(null),
  protocolName: string('5+').nullable('5+').or(null),
  assignment: bytes(),
};

export const syncGroup = api({
  key: 14,
  name: 'SyncGroup',
  versions: '0-5',
  flexibleFrom: 4,
  request,
  response,
  async handle(input, { broker }) {
    const result = await broker.groups.sync(input.groupId, {
      memberId: input.memberId,
      instanceId: input.groupInstanceId,
      generation: input.generationId,
      protocolType: input.protocolType,
      protocol: input.protocolName,
      // The request's memory is not ours to keep.
      assignments: new Map(
        input.assignments.map(({ memberId, assignment }) => [memberId, ownCopy(assignment)]),
      ),
    });
    return {
      errorCode: result.error,
      protocolType: result.protocolType,
      protocolName: result.protocol,
      assignment: result.assignment,
    };
  },
});
