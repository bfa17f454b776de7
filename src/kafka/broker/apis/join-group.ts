/*
 * JoinGroup: enters a consumer group. Answered when the generation is complete.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { ownCopy } from '../groups/own-copy.js';
import { array, bool, bytes, int16, int32, string } from '../protocol/types.js';

const request = {
  groupId: string(),
  sessionTimeoutMs: int32(),
  rebalanceTimeoutMs: int32('1+').or(-1),
  memberId: string(),
  groupInstanceId: string('5+').nullable('5+'),
  protocolType: string(),
  protocols: array({
    name: string(),
    metadata: bytes(),
  }),
  reason: string('8+').nullable('8+'),
};

const response = {
  throttleTimeMs: int32('2+').or(0),
  errorCode: int16(),
  generationId: int32().or(-1),
  protocolType: string('7+').nullable('7+').or(null),
  protocolName: string().nullable('7+').or(null),
  leader: string(),
  skipAssignment: bool('9+').or(false),
  memberId: string(),
  members: array({
    memberId: string(),
    groupInstanceId: string('5+').nullable('5+').or(null),
    metadata: bytes(),
  }),
};

export const joinGroup = api({
  key: 11,
  name: 'JoinGroup',
  versions: '0-9',
  flexibleFrom: 6,
  request,
  response,
  async handle(input, { broker, version, clientId, clientHost }) {
    const result = await broker.groups.join(input.groupId, {
      memberId: input.memberId,
      instanceId: input.groupInstanceId,
      clientId: clientId ?? '',
      clientHost,
      protocolType: input.protocolType,
      // The request's memory is not ours to keep.
      protocols: input.protocols.map(({ name, metadata }) => ({
        name,
        metadata: ownCopy(metadata),
      })),
      sessionTimeoutMs: input.sessionTimeoutMs,
      rebalanceTimeoutMs: version === 0 ? input.sessionTimeoutMs : input.rebalanceTimeoutMs,
      requireKnownMemberId: version >= FIRST_WITH_KNOWN_MEMBER_ID,
      canSkipAssignment: version >= FIRST_WITH_SKIPPED_ASSIGNMENT,
    });
    return {
      errorCode: result.error,
      generationId: result.generation,
      protocolType: result.protocolType,
      protocolName: result.protocol,
      leader: result.leader,
      skipAssignment: result.skipAssignment,
      memberId: result.memberId,
      members: result.members.map(({ memberId, instanceId, metadata }) => ({
        memberId,
        groupInstanceId: instanceId,
        metadata,
      })),
    };
  },
});

const FIRST_WITH_KNOWN_MEMBER_ID = 4;
const FIRST_WITH_SKIPPED_ASSIGNMENT = 9;
