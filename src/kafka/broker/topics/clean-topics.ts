import { oneByOne } from '../concurrency/one-by-one.js';
import { takingTurns } from '../concurrency/taking-turns.js';
import type { PartitionLog } from '../storage/partition-log.js';
import type { TopicIndex } from './topic-index.js';
import type { Topic } from './topic.js';

/**
 * Runs retention and compaction on every partition once. Where one fails (its disk is full), the
 * others are cleaned all the same: they may be what makes room.
 * @throws AggregateError with what went wrong
 */
export function cleanTopics(topics: TopicIndex): Promise<void> {
  const turn = takingTurns();
  return oneByOne(partitionsOf(topics), async ({ topic, log }) => {
    await turn();
    if (!topics.has(topic)) return;
    try {
      await log.cleanOnce();
    } catch (error) {
      // A log that was deleted meanwhile is closed.
      if (topics.has(topic)) throw error;
    }
  });
}

function* partitionsOf(topics: TopicIndex): Generator<{ topic: Topic; log: PartitionLog }> {
  for (const topic of topics.all()) for (const log of topic.partitions) yield { topic, log };
}
