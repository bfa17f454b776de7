/*
 * Heartbeat: keeps a member in its group; tells it when to join again.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { int16, int32, string } from '../protocol/types.js';

const request = {
  groupId: string(),
  generationId: int32(),
  memberId: string(),
  groupInstanceId: string('3+').nullable('3+'),
};

const response = {
  throttleTimeMs: int32('1+').or(0),
  errorCode: int16(),
};

export const heartbeat = api({
  key: 12,
  name: 'Heartbeat',
  versions: '0-4',
  flexibleFrom: 4,
  request,
  response,
  handle({ groupId, generationId, memberId, groupInstanceId }, { broker }) {
    return {
      errorCode: broker.groups.heartbeat(groupId, {
        memberId,
        instanceId: groupInstanceId,
        generation: generationId,
      }),
    };
  },
});
