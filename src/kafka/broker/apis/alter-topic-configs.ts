import type { Broker } from '../broker.js';
import { ErrorCode, KafkaError } from '../protocol/error-codes.js';
import { validateConfigs, type ConfigValues } from '../topics/config-values.js';
import { errorCodeOf } from './error-code-of.js';
import { ResourceType } from './resource-type.js';

/** Which configurations are to change, and whether it is only tried. */
export interface ConfigTarget {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly validateOnly: boolean;
}

/** Changes the configurations of one topic, and answers as AlterConfigs and its successor do. */
export async function alterTopicConfigs(
  broker: Broker,
  { resourceType, resourceName, validateOnly }: ConfigTarget,
  change: (current: ConfigValues) => Record<string, string | null>,
) {
  try {
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
