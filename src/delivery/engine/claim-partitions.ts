import type { EventLog, PartitionGroup, TopicDescription } from '../../kafka/log/event-log.js';
import type {
  CheckpointStore,
  ClaimedPartition,
  PartitionCheckpoint,
  PartitionName,
} from '../core/checkpoint.js';
import { reconcileClaim, type LogTruth } from '../core/claim.js';
import { CLAIM_SEQUENCE, type PartitionClaim } from './partition-owner.js';

/** What claiming needs. */
export interface ClaimServices {
  readonly eventLog: EventLog;
  readonly store: CheckpointStore;
  /** Rejects when Kafka does not take this process for a member. */
  readonly commit: PartitionGroup['commit'];
}

/**
 * Makes partitions this process's own: raises their owner epochs, so that a former owner can write
 * nothing more; proves membership by a commit that Kafka accepts, so that none is claimed by a
 * process that has been out of the group for long; and holds what is stored against the log.
 * @returns those that could be claimed: a topic that is gone is left out
 * @throws LogMembershipLost, LogUnavailable, or what the store throws
 */
export async function claimPartitions(
  services: ClaimServices,
  partitions: readonly PartitionName[],
): Promise<readonly PartitionClaim[]> {
  const { eventLog, store } = services;
  const topics = await describeTopics(eventLog, partitions);
  const present = partitions.filter(({ topic }) => topics.has(topic));
  if (present.length === 0) return [];
  const claimed = await store.claim(present);
  // Only now: a former owner may have read on until its epoch was taken away.
  const bounds = await boundsOf(eventLog, [...topics.keys()]);
  const claims = await Promise.all(
    claimed.map(async (each): Promise<PartitionClaim> => {
      const { topic, partition, ownerEpoch, counts } = each;
      const topicId = topics.get(topic)?.id ?? '';
      const log = { ...(await truthOf(eventLog, each, bounds)), topicId };
      const reconciled = reconcileClaim(each, log);
      return { name: { topic, partition }, topicId, ownerEpoch, reconciled, counts };
    }),
  );
  await services.commit(
    claims.map(({ name, reconciled: { floor } }) => ({ ...name, offset: floor })),
  );
  return writeDown(store, claims);
}

/** What was found out is stored before anything is read; who is fenced by now has claimed in vain. */
async function writeDown(
  store: CheckpointStore,
  claims: readonly PartitionClaim[],
): Promise<readonly PartitionClaim[]> {
  const fenced = await store.write(claims.map(firstCheckpoint));
  const isFenced = ({ name }: PartitionClaim): boolean =>
    fenced.some(({ topic, partition }) => topic === name.topic && partition === name.partition);
  return claims.filter((claim) => !isFenced(claim));
}

const firstCheckpoint = ({
  name,
  topicId,
  ownerEpoch,
  reconciled: { floor, leaderEpoch, lanes, gaps, retire },
}: PartitionClaim): PartitionCheckpoint => ({
  ...name,
  topicId,
  ownerEpoch,
  sequence: CLAIM_SEQUENCE,
  floor,
  leaderEpoch,
  lanes,
  gaps,
  retire,
  writes: [],
  ends: [],
  shifts: [],
  operations: [],
});

async function describeTopics(
  log: EventLog,
  partitions: readonly PartitionName[],
): Promise<ReadonlyMap<string, TopicDescription>> {
  const found = new Map<string, TopicDescription>();
  for (const name of new Set(partitions.map(({ topic }) => topic))) {
    const description = await log.admin.describeTopic(name);
    if (description !== undefined) found.set(name, description);
  }
  return found;
}

/** First and end offsets of a topic's partitions. */
interface Bounds {
  readonly starts: ReadonlyMap<number, number>;
  readonly ends: ReadonlyMap<number, number>;
}

async function boundsOf(
  log: EventLog,
  topics: readonly string[],
): Promise<ReadonlyMap<string, Bounds>> {
  const bounds = new Map<string, Bounds>();
  for (const name of topics) {
    const [starts, ends] = await Promise.all([
      log.admin.offsets(name, 'earliest'),
      log.admin.offsets(name, 'latest'),
    ]);
    bounds.set(name, { starts, ends });
  }
  return bounds;
}

async function truthOf(
  log: EventLog,
  { topic, partition, stored }: ClaimedPartition,
  bounds: ReadonlyMap<string, Bounds>,
): Promise<Omit<LogTruth, 'topicId'>> {
  const known = stored !== undefined && stored.leaderEpoch >= 0;
  const epoch = known ? await log.admin.epochEnd(topic, partition, stored.leaderEpoch) : undefined;
  const { starts, ends } = bounds.get(topic) ?? { starts: new Map(), ends: new Map() };
  return {
    startOffset: starts.get(partition) ?? 0,
    endOffset: ends.get(partition) ?? 0,
    epochEnd: epoch?.endOffset,
  };
}
