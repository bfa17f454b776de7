/*
 * DeleteGroups: removes groups without members, with their offsets, also those that a transaction was
 * going to commit.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { coordinatorErrorOf } from './error-code-of.js';
import { array, int16, int32, string } from '../protocol/types.js';

const request = {
  groupsNames: array(string()),
};

const response = {
  throttleTimeMs: int32().or(0),
  results: array({
    groupId: string(),
    errorCode: int16(),
  }),
};

export const deleteGroups = api({
  key: 42,
  name: 'DeleteGroups',
  versions: '0-2',
  flexibleFrom: 2,
  request,
  response,
  async handle({ groupsNames }, { broker }) {
    const results = [];
    for (const groupId of new Set(groupsNames)) {
      const errorCode = await broker.groups.delete(groupId).catch(coordinatorErrorOf);
      results.push({ groupId, errorCode });
    }
    return { results };
  },
});
