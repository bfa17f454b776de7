import type { SubscriptionState } from '../../../kafka/contracts/subscriptions.contracts.js';
import { LogTopicGone } from '../../../kafka/log/log.errors.js';
import { reconcile, type LogState, type Reconciled } from '../../../delivery/core/position.js';
import { newestRevision } from '../../../delivery/core/subscription-matcher.js';
import type { GapStore } from '../persistence/gap.store.js';
import type { PartitionSource } from './partition-source.js';
import type { TopicWatch } from './topic-watch.js';

/** What finding one's place again needs. */
export interface RecoveryServices {
  readonly gaps: GapStore;
  readonly topics: TopicWatch;
}

/**
 * Finds out where a source whose position is not in the log can go on. What was lost on the way is
 * recorded durably before anything else is read.
 * @param log what the log holds; undefined: the topic of the position's id is gone
 * @returns undefined when the lease was lost meanwhile
 * @throws LogTopicGone while Kafka has no topic of the name
 * @throws LogUnavailable, or a database error: ask again
 */
export async function recoverPosition(
  { gaps, topics }: RecoveryServices,
  subscription: SubscriptionState,
  source: PartitionSource,
  log: LogState | undefined,
): Promise<Reconciled | undefined> {
  const present = log ?? (await presentTopic(topics, subscription.topic));
  const { position, gap } = reconcile(source.position, present, source.knownEnd);
  if (gap === undefined) return { position };
  const { partition } = source;
  const epoch = await gaps.record({
    subscriptionUid: subscription.uid,
    partition,
    epoch: source.epoch,
    gap,
    resumeAt: position,
    startOffset: subscription.start[partition] ?? 0,
    filterRevision: newestRevision(subscription),
  });
  if (epoch === undefined) return undefined;
  if (epoch !== source.epoch) source.rebase(position, epoch);
  return { position, gap };
}

async function presentTopic(topics: TopicWatch, name: string): Promise<LogState> {
  const topic = await topics.describe(name);
  if (topic === undefined) throw new LogTopicGone(`Kafka has no topic ${name}.`);
  return { topicId: topic.id, startOffset: 0, endOffset: Number.MAX_SAFE_INTEGER };
}
