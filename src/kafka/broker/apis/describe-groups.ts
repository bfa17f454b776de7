/*
 * DescribeGroups: state and members of groups. An unknown group is described as Dead, with an error
 * from version 6 on (KIP-1043).
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { firstTime } from './first-time.js';
import type { Group } from '../groups/group.js';
import { array, bool, bytes, int16, int32, string } from '../protocol/types.js';

const request = {
  groups: array(string()),
  includeAuthorizedOperations: bool('3+'),
};

const response = {
  throttleTimeMs: int32('1+').or(0),
  groups: array({
    errorCode: int16(),
    errorMessage: string('6+').nullable('6+').or(null),
    groupId: string(),
    groupState: string(),
    protocolType: string(),
    protocolData: string(),
    members: array({
      memberId: string(),
      groupInstanceId: string('4+').nullable('4+').or(null),
      clientId: string(),
      clientHost: string(),
      memberMetadata: bytes(),
      memberAssignment: bytes(),
    }),
    authorizedOperations: int32('3+').or(-2147483648),
  }),
};

export const describeGroups = api({
  key: 15,
  name: 'DescribeGroups',
  versions: '0-6',
  flexibleFrom: 5,
  request,
  response,
  handle({ groups }, { broker, version }) {
    return {
      groups: groups.filter(firstTime()).map((groupId) => {
        const group = broker.groups.find(groupId);
        if (group) return describe(group);
        return version < 6 ? dead(groupId) : { ...dead(groupId), ...notFound(groupId) };
      }),
    };
  },
});

const NOTHING = Buffer.alloc(0);

const notFound = (groupId: string) => ({
  errorCode: ErrorCode.GROUP_ID_NOT_FOUND,
  errorMessage: `Group ${groupId} not found.`,
});

const dead = (groupId: string) => ({
  errorCode: ErrorCode.NONE,
  groupId,
  groupState: 'Dead',
  protocolType: '',
  protocolData: '',
  members: [],
});

function describe(group: Group) {
  const isStable = group.state === 'Stable';
  return {
    errorCode: ErrorCode.NONE,
    groupId: group.id,
    groupState: group.state,
    protocolType: group.protocolType ?? '',
    protocolData: isStable ? (group.protocol ?? '') : '',
    members: group.roster.all().map((member) => ({
      memberId: member.id,
      groupInstanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      memberMetadata: isStable ? member.metadataFor(group.protocol) : NOTHING,
      memberAssignment: isStable ? member.assignment : NOTHING,
    })),
  };
}
