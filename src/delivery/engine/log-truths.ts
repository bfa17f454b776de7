import { groupBy } from '../../common/group-by.js';
import type { EventLog, TopicDescription } from '../../kafka/log/event-log.js';
import { LogTopicGone, LogUnavailable } from '../../kafka/log/log.errors.js';
import { nameOf, type ClaimedPartition, type PartitionName } from '../core/checkpoint.js';
import type { LogTruth } from '../core/claim.js';

/** Topics by name, as Kafka describes them. */
export type Topics = ReadonlyMap<string, TopicDescription>;

/** Undefined where Kafka cannot tell now: one partition without a leader must not stop the others. */
async function ifTold<Told>(told: Promise<Told>): Promise<Told | undefined> {
  try {
    return await told;
  } catch (error) {
    if (error instanceof LogUnavailable || error instanceof LogTopicGone) return undefined;
    throw error;
  }
}

/**
 * The topics of partitions; one that is gone is left out.
 * @throws LogUnavailable when Kafka tells of none
 */
export async function describeTopics(
  log: EventLog,
  partitions: readonly PartitionName[],
): Promise<Topics> {
  const found = new Map<string, TopicDescription>();
  let failure: unknown;
  for (const name of new Set(partitions.map(({ topic }) => topic))) {
    try {
      const description = await log.admin.describeTopic(name);
      if (description !== undefined) found.set(name, description);
    } catch (error) {
      failure = error;
    }
  }
  if (found.size === 0 && failure !== undefined) throw failure;
  return found;
}

/** What the log holds of claimed partitions, by `nameOf`; those that Kafka cannot tell of are not in it. */
export async function logTruthsOf(
  log: EventLog,
  claimed: readonly ClaimedPartition[],
  topics: Topics,
): Promise<ReadonlyMap<string, LogTruth>> {
  const truths = new Map<string, LogTruth>();
  const byTopic = groupBy(claimed, ({ topic }) => topic);
  const ofTopics = [...byTopic].map(async ([name, ofTopic]) => {
    const topicId = topics.get(name)?.id;
    if (topicId === undefined) return;
    const bounds = await boundsOf(log, name, ofTopic);
    await Promise.all(
      ofTopic.map(async (each) => {
        const truth = await truthOf(log, each, bounds);
        if (truth !== undefined) truths.set(nameOf(each), { ...truth, topicId });
      }),
    );
  });
  await Promise.all(ofTopics);
  return truths;
}

/** First and end offsets of a topic's partitions, as far as Kafka tells them. */
interface Bounds {
  readonly starts: ReadonlyMap<number, number> | undefined;
  readonly ends: ReadonlyMap<number, number> | undefined;
}

async function boundsOf(
  { admin }: EventLog,
  topic: string,
  claimed: readonly ClaimedPartition[],
): Promise<Bounds> {
  const numbers = claimed.map(({ partition }) => partition);
  const [starts, ends] = await Promise.all([
    ifTold(admin.knownOffsets(topic, 'earliest', numbers)),
    ifTold(admin.knownOffsets(topic, 'latest', numbers)),
  ]);
  return { starts, ends };
}

async function truthOf(
  { admin }: EventLog,
  { topic, partition, stored }: ClaimedPartition,
  { starts, ends }: Bounds,
): Promise<Omit<LogTruth, 'topicId'> | undefined> {
  const startOffset = starts?.get(partition);
  const endOffset = ends?.get(partition);
  if (startOffset === undefined || endOffset === undefined) return undefined;
  if (stored === undefined || stored.leaderEpoch < 0) {
    return { startOffset, endOffset, epochEnd: undefined };
  }
  const asked = admin.epochEnd(topic, partition, stored.leaderEpoch).then((end) => ({ end }));
  const told = await ifTold(asked);
  return told && { startOffset, endOffset, epochEnd: told.end?.endOffset };
}
