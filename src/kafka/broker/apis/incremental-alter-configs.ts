/*
 * IncrementalAlterConfigs: changes the named configurations of topics and leaves the others (KIP-339).
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { ErrorCode, KafkaError } from '../protocol/error-codes.js';
import { TOPIC_CONFIGS } from '../topics/config-definitions.js';
import { listOf, type ConfigValues } from '../topics/config-values.js';
import { alterTopicConfigs } from './alter-topic-configs.js';
import { ConfigOperation } from './config-operation.js';
import { array, bool, int16, int32, int8, string } from '../protocol/types.js';

const request = {
  resources: array({
    resourceType: int8(),
    resourceName: string(),
    configs: array({
      name: string(),
      configOperation: int8(),
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

export const incrementalAlterConfigs = api({
  key: 44,
  name: 'IncrementalAlterConfigs',
  versions: '0-1',
  flexibleFrom: 1,
  request,
  response,
  handle(input, { broker }) {
    return alterTopicConfigs(broker, input, ({ configs }, current) =>
      configs.reduce(
        (values, change) => applied(values, change, broker.topics.defaults),
        current as Record<string, string | null>,
      ),
    );
  },
});

const { SET, DELETE, APPEND, SUBTRACT } = ConfigOperation;

interface Change {
  readonly name: string;
  readonly configOperation: number;
  readonly value: string | null;
}

function applied(
  values: Record<string, string | null>,
  { name, configOperation, value }: Change,
  defaults: ConfigValues,
): Record<string, string | null> {
  if (configOperation === SET) return { ...values, [name]: value };
  if (configOperation === DELETE) {
    return Object.fromEntries(Object.entries(values).filter(([other]) => other !== name));
  }
  const definition = TOPIC_CONFIGS[name];
  if (definition?.type !== 'list' || (configOperation !== APPEND && configOperation !== SUBTRACT)) {
    throw new KafkaError(
      ErrorCode.INVALID_CONFIG,
      `Can't ${configOperation === APPEND ? 'append to' : 'subtract from'} config ${name} because its type is not LIST.`,
    );
  }
  const current = listOf(values[name] ?? defaults[name] ?? definition.fallback);
  const named = listOf(value ?? '');
  const result =
    configOperation === APPEND
      ? [...new Set([...current, ...named])]
      : current.filter((item) => !named.includes(item));
  return { ...values, [name]: result.join(',') };
}
