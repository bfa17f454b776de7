/*
 * LeaveGroup: members leave at once instead of timing out; from version 3 on several in one request.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { array, int16, int32, string } from '../protocol/types.js';

const request = {
  groupId: string(),
  memberId: string('0-2'),
  members: array(
    {
      memberId: string('3+'),
      groupInstanceId: string('3+').nullable('3+'),
      reason: string('5+').nullable('5+'),
    },
    '3+',
  ),
};

const response = {
  throttleTimeMs: int32('1+').or(0),
  errorCode: int16(),
  members: array(
    {
      memberId: string('3+').or(''),
      groupInstanceId: string('3+').nullable('3+').or(null),
      errorCode: int16('3+').or(0),
    },
    '3+',
  ).or([]),
};

export const leaveGroup = api({
  key: 13,
  name: 'LeaveGroup',
  versions: '0-5',
  flexibleFrom: 4,
  request,
  response,
  handle({ groupId, memberId, members }, { broker, version }) {
    if (groupId === '') return { errorCode: ErrorCode.INVALID_GROUP_ID };
    if (version < FIRST_WITH_MEMBERS) {
      return { errorCode: broker.groups.leave(groupId, memberId, null) };
    }
    return {
      errorCode: ErrorCode.NONE,
      members: members.map((member) => ({
        memberId: member.memberId,
        groupInstanceId: member.groupInstanceId,
        errorCode: broker.groups.leave(groupId, member.memberId, member.groupInstanceId),
      })),
    };
  },
});

const FIRST_WITH_MEMBERS = 3;
