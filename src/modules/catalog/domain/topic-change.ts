import type { TopicInput } from '../../../kafka/contracts/catalog.contracts.js';
import {
  PartitionsCannotShrink,
  ReorderNotAllowed,
  ReplicationFixed,
  TopicNotManaged,
} from './catalog.errors.js';
import {
  DEFAULT_MAX_EVENT_BYTES,
  DEFAULT_PARTITIONS,
  type KafkaFacts,
  type Topic,
} from './topic.js';

/** What Kafka adds to an event's bytes in a batch of one, with room for many small headers. */
const RECORD_OVERHEAD_BYTES = 48_588;
/** Kafka's own default of max.message.bytes; it suffices for DEFAULT_MAX_EVENT_BYTES. */
const KAFKA_DEFAULT_MESSAGE_BYTES = DEFAULT_MAX_EVENT_BYTES + RECORD_OVERHEAD_BYTES;

/** What Kafka must be told for a change; empty: nothing. */
export interface KafkaChange {
  /** New total number of partitions. */
  readonly partitions?: number;
  readonly configs: Readonly<Record<string, string>>;
}

const retentionConfigs = (input: {
  readonly retentionSeconds?: number | null;
  readonly retentionBytes?: number | null;
}): Record<string, string> => {
  const configs: Record<string, string> = {};
  const { retentionSeconds, retentionBytes } = input;
  if (typeof retentionSeconds === 'number')
    configs['retention.ms'] = String(retentionSeconds < 0 ? -1 : retentionSeconds * 1000);
  if (typeof retentionBytes === 'number') configs['retention.bytes'] = String(retentionBytes);
  return configs;
};

const messageBytesConfig = (maxEventBytes: number, current: number): Record<string, string> => {
  const needed = maxEventBytes + RECORD_OVERHEAD_BYTES;
  return needed > current ? { 'max.message.bytes': String(needed) } : {};
};

/** Kafka configs of a topic that is to be made. */
export const configsOfNew = (topic: Topic): Readonly<Record<string, string>> => ({
  ...retentionConfigs(topic),
  ...messageBytesConfig(topic.maxEventBytes, KAFKA_DEFAULT_MESSAGE_BYTES),
});

/** What a new topic gets of a request. */
export const newTopicSettings = (
  input: TopicInput,
): Pick<
  Topic,
  | 'partitions'
  | 'replicationFactor'
  | 'retentionSeconds'
  | 'retentionBytes'
  | 'enforceSchemas'
  | 'maxEventBytes'
> => ({
  partitions: input.partitions ?? DEFAULT_PARTITIONS,
  replicationFactor: input.replicationFactor ?? null,
  retentionSeconds: input.retentionSeconds ?? null,
  retentionBytes: input.retentionBytes ?? null,
  enforceSchemas: input.enforceSchemas ?? false,
  maxEventBytes: input.maxEventBytes ?? DEFAULT_MAX_EVENT_BYTES,
});

const kafkaSettings = [
  'partitions',
  'replicationFactor',
  'retentionSeconds',
  'retentionBytes',
] as const;

/**
 * A request may repeat what Kafka has for an adopted topic, but not change it.
 * @throws TopicNotManaged
 */
export const requireSameInKafka = (name: string, input: TopicInput, facts: KafkaFacts): void => {
  for (const field of kafkaSettings)
    if (input[field] !== undefined && input[field] !== facts[field])
      throw new TopicNotManaged(
        `"${name}" was in Kafka before: its ${field} is ${facts[field]} and is not changed here.`,
        { topic: name, field, inKafka: facts[field] },
      );
};

const requireGrowth = (name: string, wanted: number, input: TopicInput, now: number): void => {
  const details = { topic: name, partitions: now, wanted };
  if (wanted < now)
    throw new PartitionsCannotShrink(
      `"${name}" has ${now} partitions and cannot have fewer.`,
      details,
    );
  if (wanted > now && input.allowReorder !== true)
    throw new ReorderNotAllowed(
      `More partitions than ${now} end the order by key across that point: ask for it with "allowReorder": true.`,
      details,
    );
};

/**
 * Decides what a change of a managed topic means for Kafka.
 * @throws PartitionsCannotShrink, ReorderNotAllowed, ReplicationFixed
 */
export const planKafkaChange = (
  name: string,
  input: TopicInput,
  facts: KafkaFacts,
  maxEventBytes: number,
): KafkaChange => {
  const { partitions = facts.partitions, replicationFactor = facts.replicationFactor } = input;
  if (replicationFactor !== facts.replicationFactor)
    throw new ReplicationFixed(
      `"${name}" has replication factor ${facts.replicationFactor}, which is fixed when it is made.`,
      { topic: name, replicationFactor: facts.replicationFactor },
    );
  requireGrowth(name, partitions, input, facts.partitions);
  const changed = {
    retentionSeconds:
      input.retentionSeconds === facts.retentionSeconds ? null : input.retentionSeconds,
    retentionBytes: input.retentionBytes === facts.retentionBytes ? null : input.retentionBytes,
  };
  return {
    ...(partitions > facts.partitions ? { partitions } : {}),
    configs: {
      ...retentionConfigs(changed),
      ...messageBytesConfig(maxEventBytes, facts.maxMessageBytes),
    },
  };
};

/**
 * Whether a topic that Kafka has is the one that an intent wanted: between looking and making,
 * another program may have made one of the same name.
 */
export const isAsIntended = (intent: Topic, facts: KafkaFacts): boolean =>
  facts.partitions === intent.partitions &&
  (intent.replicationFactor ?? facts.replicationFactor) === facts.replicationFactor &&
  (intent.retentionSeconds ?? facts.retentionSeconds) === facts.retentionSeconds &&
  (intent.retentionBytes ?? facts.retentionBytes) === facts.retentionBytes;
