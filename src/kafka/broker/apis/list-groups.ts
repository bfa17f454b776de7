/*
 * ListGroups: all groups, or those in given states. All are of the classic type (KIP-848).
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { array, int16, int32, string } from '../protocol/types.js';

const request = {
  statesFilter: array(string(), '4+'),
  typesFilter: array(string(), '5+'),
};

const response = {
  throttleTimeMs: int32('1+').or(0),
  errorCode: int16(),
  groups: array({
    groupId: string(),
    protocolType: string(),
    groupState: string('4+').or(''),
    groupType: string('5+').or(''),
  }),
};

const TYPE = 'classic';

export const listGroups = api({
  key: 16,
  name: 'ListGroups',
  versions: '0-5',
  flexibleFrom: 3,
  request,
  response,
  handle({ statesFilter, typesFilter }, { broker }) {
    const wanted = new Set(statesFilter.map((state) => state.toLowerCase()));
    const types = typesFilter.map((type) => type.toLowerCase());
    if (types.length > 0 && !types.includes(TYPE)) return { errorCode: ErrorCode.NONE, groups: [] };
    return {
      errorCode: ErrorCode.NONE,
      groups: broker.groups
        .all()
        .filter(({ state }) => wanted.size === 0 || wanted.has(state.toLowerCase()))
        .map(({ id, protocolType, state }) => ({
          groupId: id,
          protocolType: protocolType ?? '',
          groupState: state,
          groupType: TYPE,
        })),
    };
  },
});
