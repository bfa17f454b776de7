import type { metadataV12 } from '@platformatic/kafka';

import type { TopicDescription } from '../event-log.js';
import { LogUnavailable } from '../log.errors.js';
import { kafkaErrorName, kafkaErrors } from '../protocol/error-codes.js';

const missing: ReadonlySet<number> = new Set([
  kafkaErrors.UNKNOWN_TOPIC_OR_PARTITION,
  kafkaErrors.UNKNOWN_TOPIC_ID,
  kafkaErrors.INVALID_TOPIC_EXCEPTION,
]);

/** Still described: partitions without a leader are shown as such (leader -1). */
const describable: ReadonlySet<number> = new Set([
  kafkaErrors.NONE,
  kafkaErrors.LEADER_NOT_AVAILABLE,
]);

const describe = (topic: metadataV12.MetadataResponseTopic, name: string): TopicDescription => ({
  name,
  id: topic.topicId,
  partitions: topic.partitions
    .map((partition) => ({
      partition: partition.partitionIndex,
      leader: partition.leaderId,
      leaderEpoch: partition.leaderEpoch,
      replicas: partition.replicaNodes,
      isr: partition.isrNodes,
    }))
    .sort((a, b) => a.partition - b.partition),
});

/**
 * The topics of a metadata answer by name, without those that do not exist.
 * @throws LogUnavailable when Kafka may not or cannot say
 */
export const describeTopics = (
  answer: metadataV12.MetadataResponse,
): ReadonlyMap<string, TopicDescription> => {
  const topics = new Map<string, TopicDescription>();
  for (const topic of answer.topics) {
    const { name, errorCode } = topic;
    if (name === null || name === undefined || missing.has(errorCode)) continue;
    if (!describable.has(errorCode)) {
      throw new LogUnavailable(
        `Kafka does not describe topic ${name}: ${kafkaErrorName(errorCode)}.`,
      );
    }
    // Shown without a partition: it is being made, and nothing can be done with it yet.
    if (topic.partitions.length > 0) topics.set(name, describe(topic, name));
  }
  return topics;
};
