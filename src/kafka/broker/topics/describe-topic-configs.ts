import { ConfigType, TOPIC_CONFIGS } from './config-definitions.js';
import type { ConfigValues } from './config-values.js';

/** Where a value comes from, in DescribeConfigs' numbers. */
export const ConfigSource = { TOPIC: 1, STATIC_BROKER: 4, DEFAULT: 5 } as const;

/** A configuration as DescribeConfigs tells it. */
export interface DescribedConfig {
  readonly name: string;
  readonly value: string;
  readonly source: number;
  readonly type: number;
  /** The value's rivals in order of precedence, itself first. */
  readonly synonyms: ReadonlyArray<{
    readonly name: string;
    readonly value: string;
    readonly source: number;
  }>;
}

/** All configurations of a topic: those set on it, then the broker's, then Kafka's defaults. */
export function describeTopicConfigs(
  set: ConfigValues,
  brokerDefaults: ConfigValues,
): readonly DescribedConfig[] {
  return Object.entries(TOPIC_CONFIGS)
    .filter(([name]) => !name.startsWith('internal.') || set[name] !== undefined)
    .map(([name, { type, fallback }]) => {
      const candidates = [
        { name, value: set[name], source: ConfigSource.TOPIC },
        { name, value: brokerDefaults[name], source: ConfigSource.STATIC_BROKER },
        { name, value: fallback, source: ConfigSource.DEFAULT },
      ];
      const synonyms = candidates.filter(
        (candidate): candidate is { name: string; value: string; source: 1 | 4 | 5 } =>
          candidate.value !== undefined,
      );
      const first = synonyms[0]!;
      return { name, value: first.value, source: first.source, type: ConfigType[type], synonyms };
    });
}
