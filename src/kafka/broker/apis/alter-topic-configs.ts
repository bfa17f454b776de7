import type { Broker } from '../broker.js';
import { ErrorCode, KafkaError } from '../protocol/error-codes.js';
import { validateConfigs, type ConfigValues } from '../topics/config-values.js';
import { ConfigOperation } from './config-operation.js';
import { errorCodeOf } from './error-code-of.js';
import { repeated } from './repeated.js';
import { ResourceType } from './resource-type.js';

interface ConfigChange {
  readonly name: string;
  readonly value: string | null;
  /** A ConfigOperation; AlterConfigs has none, it sets. */
  readonly configOperation?: number;
}

/** Whose configurations are to change, and which. */
interface ConfigTarget {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly configs: readonly ConfigChange[];
}

/**
 * Changes the configurations of topics one after the other, and answers as AlterConfigs and its
 * successor do.
 * @param change what those of one are then; not asked where it is refused anyway
 */
export async function alterTopicConfigs<T extends ConfigTarget>(
  broker: Broker,
  { resources, validateOnly }: { readonly resources: readonly T[]; readonly validateOnly: boolean },
  change: (target: T, current: ConfigValues) => Record<string, string | null>,
) {
  const placeOf = ({ resourceType, resourceName }: ConfigTarget): string =>
    `${resourceType}/${resourceName}`;
  const twice = repeated(resources.map(placeOf));
  const responses = [];
  for (const target of resources) {
    const isRepeated = twice.has(placeOf(target));
    const changeOne = (current: ConfigValues) => change(target, current);
    responses.push(await alterOne(broker, { ...target, isRepeated, validateOnly }, changeOne));
  }
  return { responses };
}

async function alterOne(
  broker: Broker,
  target: ConfigTarget & { readonly isRepeated: boolean; readonly validateOnly: boolean },
  change: (current: ConfigValues) => Record<string, string | null>,
) {
  const { resourceType, resourceName, validateOnly } = target;
  try {
    if (target.isRepeated || repeated(target.configs.map(({ name }) => name)).size > 0) {
      throw new KafkaError(ErrorCode.INVALID_REQUEST, 'Something is named twice.');
    }
    if (target.configs.some(lacksValue)) {
      throw new KafkaError(ErrorCode.INVALID_REQUEST, 'Only what is deleted may have no value.');
    }
    if (resourceType !== ResourceType.TOPIC) {
      throw new KafkaError(
        ErrorCode.INVALID_REQUEST,
        'Only topics have configurations that can be changed here.',
      );
    }
    const topic = broker.topics.get(resourceName);
    if (!topic) {
      throw new KafkaError(
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        `The topic '${resourceName}' does not exist.`,
      );
    }
    if (validateOnly) validateConfigs(change(topic.configs));
    else await broker.topics.configure(topic, change);
    return { errorCode: ErrorCode.NONE, resourceType, resourceName };
  } catch (error) {
    const errorMessage = (error as Error).message;
    return { errorCode: errorCodeOf(error), errorMessage, resourceType, resourceName };
  }
}

const lacksValue = ({ value, configOperation }: ConfigChange): boolean =>
  value === null && configOperation !== ConfigOperation.DELETE;
