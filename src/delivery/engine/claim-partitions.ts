import type { EventLog, PartitionGroup } from '../../kafka/log/event-log.js';
import {
  nameOf,
  type CheckpointStore,
  type LaneRow,
  type PartitionCheckpoint,
  type PartitionName,
} from '../core/checkpoint.js';
import { reconcileClaim, type ReconciledClaim } from '../core/claim.js';
import { describeTopics, logTruthsOf, type Topics } from './log-truths.js';
import { CLAIM_SEQUENCE, type PartitionClaim } from './partition-owner.js';

/** What claiming needs. */
export interface ClaimServices {
  readonly eventLog: EventLog;
  readonly store: CheckpointStore;
  /** Rejects when Kafka does not take this process for a member. */
  readonly commit: PartitionGroup['commit'];
  /** Whether this process has heard of a subscription. */
  readonly knows: (subscriptionUid: string) => boolean;
}

/** Claims go in groups, so that what is read of rows at once is bounded. */
const CLAIMED_AT_ONCE = 16;

/**
 * Makes partitions this process's own: raises their owner epochs, so that a former owner can write
 * nothing more; proves membership by a commit that Kafka accepts, so that none is claimed by a
 * process that has been out of the group for long; and holds what is stored against the log.
 * @param onClaimed told of those that could be claimed, group by group. The others are left out:
 *   those of a topic that is gone, those of which Kafka cannot tell now what their log holds
 * @throws LogMembershipLost, LogUnavailable, or what the store throws
 */
export async function claimPartitions(
  services: ClaimServices,
  partitions: readonly PartitionName[],
  onClaimed: (claim: PartitionClaim) => void,
): Promise<void> {
  const topics = await describeTopics(services.eventLog, partitions);
  const present = partitions.filter(({ topic }) => topics.has(topic));
  for (let first = 0; first < present.length; first += CLAIMED_AT_ONCE) {
    const group = present.slice(first, first + CLAIMED_AT_ONCE);
    for (const claim of await claimGroup(services, topics, group)) onClaimed(claim);
  }
}

async function claimGroup(
  { eventLog, store, commit, knows }: ClaimServices,
  topics: Topics,
  group: readonly PartitionName[],
): Promise<readonly PartitionClaim[]> {
  const claimed = await store.claim(group);
  // Only now: a former owner may have read on until its epoch was taken away.
  const truths = await logTruthsOf(eventLog, claimed, topics);
  const claims = claimed.flatMap((each): PartitionClaim[] => {
    const log = truths.get(nameOf(each));
    if (log === undefined) return [];
    const { topic, partition, ownerEpoch, counts } = each;
    const reconciled = leaveBehind(reconcileClaim(each, log), knows);
    return [{ name: { topic, partition }, topicId: log.topicId, ownerEpoch, reconciled, counts }];
  });
  if (claims.length === 0) return [];
  await commit(claims.map(({ name, reconciled: { floor } }) => ({ ...name, offset: floor })));
  return writeDown(store, claims);
}

/**
 * Live reads on without those that this process has not heard of yet, and moves the floor: their own
 * place is written down first, so that no crash makes it that of the floor.
 */
function leaveBehind(reconciled: ReconciledClaim, knows: ClaimServices['knows']): ReconciledClaim {
  const { floor } = reconciled;
  const lanes = reconciled.lanes.map((lane): LaneRow =>
    lane.fromOffset !== null || knows(lane.subscriptionUid)
      ? lane
      : { ...lane, fromOffset: floor, reason: 'start' },
  );
  return { ...reconciled, lanes };
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
