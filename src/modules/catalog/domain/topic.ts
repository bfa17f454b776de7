import type { TopicState } from '../../../kafka/contracts/catalog.contracts.js';

/** Bytes of key, headers and data of one event, where a topic does not say. */
export const DEFAULT_MAX_EVENT_BYTES = 1_000_000;
/** Partitions of a new topic, where the request does not say. */
export const DEFAULT_PARTITIONS = 4;

/**
 * `creating` and `deleting` are intents: written before Kafka is asked, so that a crash in between
 * is finished later. Only `active` topics exist for callers.
 */
export type TopicStatus = 'creating' | 'active' | 'deleting';

/** What Kafka says of a topic. Retention of -1 is for ever. */
export interface KafkaFacts {
  readonly kafkaTopicId: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly retentionSeconds: number;
  readonly retentionBytes: number;
  readonly maxMessageBytes: number;
}

/**
 * A topic of the catalog. What Kafka rules (id, partitions, replication, retention) is a copy of
 * its facts, brought up to date when it is read; null where a topic in creation leaves it to Kafka.
 */
export interface Topic {
  readonly uid: string;
  readonly name: string;
  readonly status: TopicStatus;
  readonly managed: boolean;
  /** Null until Kafka has made it. */
  readonly kafkaTopicId: string | null;
  readonly partitions: number;
  readonly replicationFactor: number | null;
  readonly retentionSeconds: number | null;
  readonly retentionBytes: number | null;
  readonly enforceSchemas: boolean;
  readonly maxEventBytes: number;
  /** It was in Kafka and is not any more. */
  readonly missing: boolean;
  /** 1 at first, and 1 more with each change. */
  readonly version: number;
  readonly createdAt: Date;
}

/** An active topic as every process knows it. */
export const topicStateOf = (topic: Topic): TopicState => ({
  uid: topic.uid,
  name: topic.name,
  kafkaTopicId: topic.kafkaTopicId ?? '',
  partitions: topic.partitions,
  managed: topic.managed,
  enforceSchemas: topic.enforceSchemas,
  maxEventBytes: topic.maxEventBytes,
  createdAt: topic.createdAt.toISOString(),
});

/** The topic with what Kafka says of it now; undefined facts: Kafka has no such topic. */
export const withFacts = (topic: Topic, facts: KafkaFacts | undefined): Topic => {
  if (facts === undefined) return { ...topic, missing: true };
  const { maxMessageBytes: _, ...kept } = facts;
  return { ...topic, ...kept, missing: false };
};

/** Whether two states of one topic differ in anything but their version. */
export const differs = (a: Topic, b: Topic): boolean =>
  JSON.stringify({ ...a, version: 0 }) !== JSON.stringify({ ...b, version: 0 });
