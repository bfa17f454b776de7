/*
 * DescribeConfigs: the configurations of topics and of this broker, with where each value is from.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import type { Broker } from '../broker.js';
import { firstTime } from './first-time.js';
import { ResourceType } from './resource-type.js';
import { describeTopicConfigs, type DescribedConfig } from '../topics/describe-topic-configs.js';
import { array, bool, int16, int32, int8, string } from '../protocol/types.js';

const request = {
  resources: array({
    resourceType: int8(),
    resourceName: string(),
    configurationKeys: array(string()).nullable(),
  }),
  includeSynonyms: bool().or(false),
  includeDocumentation: bool('3+').or(false),
};

const response = {
  throttleTimeMs: int32().or(0),
  results: array({
    errorCode: int16(),
    errorMessage: string().nullable().or(null),
    resourceType: int8(),
    resourceName: string(),
    configs: array({
      name: string(),
      value: string().nullable().or(null),
      readOnly: bool(),
      configSource: int8().or(-1),
      isSensitive: bool(),
      synonyms: array({
        name: string(),
        value: string().nullable().or(null),
        source: int8(),
      }),
      configType: int8('3+').or(0),
      documentation: string('3+').nullable().or(null),
    }),
  }),
};

export const describeConfigs = api({
  key: 32,
  name: 'DescribeConfigs',
  versions: '1-4',
  flexibleFrom: 4,
  request,
  response,
  handle({ resources, includeSynonyms }, { broker }) {
    const isFirst = firstTime();
    const wanted = resources.filter(({ resourceType, resourceName }) =>
      isFirst(`${resourceType} ${resourceName}`),
    );
    return {
      results: wanted.map(({ resourceType, resourceName, configurationKeys }) => {
        const configs = configsOf(broker, resourceType, resourceName);
        if (typeof configs === 'number') {
          return { errorCode: configs, resourceType, resourceName, configs: [] };
        }
        return {
          errorCode: ErrorCode.NONE,
          resourceType,
          resourceName,
          configs: configs
            .filter(({ name }) => configurationKeys === null || configurationKeys.includes(name))
            .map((config) => encode(config, includeSynonyms, resourceType === ResourceType.BROKER)),
        };
      }),
    };
  },
});

function configsOf(
  broker: Broker,
  type: number,
  name: string,
): readonly DescribedConfig[] | number {
  if (type === ResourceType.BROKER) {
    const isThisOne = name === '' || name === String(broker.node.nodeId);
    return isThisOne ? broker.describeConfigs() : ErrorCode.INVALID_REQUEST;
  }
  if (type !== ResourceType.TOPIC) return ErrorCode.INVALID_REQUEST;
  const topic = broker.topics.get(name);
  if (!topic) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  return describeTopicConfigs(topic.configs, broker.topics.defaults);
}

function encode(config: DescribedConfig, includeSynonyms: boolean, readOnly: boolean) {
  const { name, value, source, type, synonyms } = config;
  return {
    name,
    value,
    readOnly,
    configSource: source,
    isSensitive: false,
    synonyms: includeSynonyms ? synonyms : [],
    configType: type,
  };
}
