/*
 * AlterConfigs: replaces all configurations of topics; what is not named goes back to its default.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { alterTopicConfigs } from './alter-topic-configs.js';
import { array, bool, int16, int32, int8, string } from '../protocol/types.js';

const request = {
  resources: array({
    resourceType: int8(),
    resourceName: string(),
    configs: array({
      name: string(),
      value: string().nullable(),
    }),
  }),
  validateOnly: bool(),
};

const response = {
  throttleTimeMs: int32().or(0),
  responses: array({
    errorCode: int16(),
    errorMessage: string().nullable().or(null),
    resourceType: int8(),
    resourceName: string(),
  }),
};

export const alterConfigs = api({
  key: 33,
  name: 'AlterConfigs',
  versions: '0-2',
  flexibleFrom: 2,
  request,
  response,
  handle(input, { broker }) {
    return alterTopicConfigs(broker, input, ({ configs }) =>
      Object.fromEntries(configs.map(({ name, value }) => [name, value])),
    );
  },
});
