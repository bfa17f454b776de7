import { ErrorCode, KafkaError } from '../protocol/error-codes.js';
import { TOPIC_CONFIGS, type ConfigDefinition } from './config-definitions.js';

/** The configurations that were set on a topic, by name. */
export type ConfigValues = Readonly<Record<string, string>>;

/**
 * Checks configurations as Kafka does.
 * @throws KafkaError INVALID_CONFIG for an unknown name, a value out of its bounds, or bounds of the
 * compaction lag that contradict each other.
 */
export function validateConfigs(values: Readonly<Record<string, string | null>>): ConfigValues {
  for (const [name, value] of Object.entries(values)) {
    const definition = Object.hasOwn(TOPIC_CONFIGS, name) ? TOPIC_CONFIGS[name] : undefined;
    if (!definition) throw invalid(`Unknown topic config name: ${name}`);
    if (value === null) {
      throw invalid(`Null value not supported for topic configs: ${name}`);
    }
    const problem = problemOf(definition, value);
    if (problem) throw invalid(`Invalid value ${value} for configuration ${name}: ${problem}`);
  }
  if (lag(values, 'min') > lag(values, 'max')) {
    throw invalid('min.compaction.lag.ms is larger than max.compaction.lag.ms');
  }
  return values as ConfigValues;
}

function lag(values: Readonly<Record<string, string | null>>, bound: 'min' | 'max'): number {
  const name = `${bound}.compaction.lag.ms`;
  return Number(values[name] ?? TOPIC_CONFIGS[name]!.fallback);
}

function invalid(message: string): KafkaError {
  return new KafkaError(ErrorCode.INVALID_CONFIG, message);
}

function problemOf(definition: ConfigDefinition, value: string): string | undefined {
  switch (definition.type) {
    case 'boolean':
      return /^(true|false)$/i.test(value.trim())
        ? undefined
        : 'Expected value to be either true or false';
    case 'int':
    case 'long':
      return /^[+-]?\d+$/.test(value.trim())
        ? boundsProblem(definition, Number(value))
        : `Not a number of type ${definition.type.toUpperCase()}`;
    case 'double':
      return value.trim() !== '' && Number.isFinite(Number(value))
        ? boundsProblem(definition, Number(value))
        : 'Not a number of type DOUBLE';
    case 'string':
      return wordsProblem(definition, [value]);
    case 'list':
      return wordsProblem(definition, listOf(value));
  }
}

function boundsProblem({ min, max }: ConfigDefinition, value: number): string | undefined {
  if (min !== undefined && value < min) return `Value must be at least ${min}`;
  if (max !== undefined && value > max) return `Value must be no more than ${max}`;
  return undefined;
}

function wordsProblem({ oneOf }: ConfigDefinition, words: readonly string[]): string | undefined {
  if (!oneOf) return undefined;
  return words.every((word) => oneOf.includes(word))
    ? undefined
    : `String must be one of: ${oneOf.join(', ')}`;
}

/** The items of a list value. */
export function listOf(value: string): readonly string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
