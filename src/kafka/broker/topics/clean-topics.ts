import type { TopicIndex } from './topic-index.js';

/**
 * Runs retention and compaction on every partition once. Where one fails (its disk is full), the
 * others are cleaned all the same: they may be what makes room.
 * @throws AggregateError with what went wrong
 */
export async function cleanTopics(topics: TopicIndex): Promise<void> {
  const failures: unknown[] = [];
  for (const topic of topics.all()) {
    for (const log of topic.partitions) {
      if (!topics.has(topic)) break;
      try {
        await log.cleanOnce();
      } catch (error) {
        // A log that was deleted meanwhile is closed.
        if (topics.has(topic)) failures.push(error);
      }
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, String(failures[0]));
}
