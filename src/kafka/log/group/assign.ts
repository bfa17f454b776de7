import type { TopicPartition } from '../event-log.js';
import type { Subscription } from './member-metadata.js';
import { keyOf } from './partition-set.js';
import { Share } from './share.js';

/** A member as the group's leader sees it. */
export interface AssignedMember extends Subscription {
  readonly memberId: string;
}

/** Topics that exist, with their numbers of partitions. */
export type PartitionCounts = ReadonlyMap<string, number>;

/** Who gets what in a round, by member id. */
export type Assignment = ReadonlyMap<string, readonly TopicPartition[]>;

const ascending = (one: string, other: string): number => (one < other ? -1 : 1);

const partitionsToShare = (
  members: readonly AssignedMember[],
  counts: PartitionCounts,
): readonly TopicPartition[] =>
  [...new Set(members.flatMap(({ topics }) => topics))]
    .sort(ascending)
    .flatMap((topic) =>
      Array.from({ length: counts.get(topic) ?? 0 }, (_, partition) => ({ topic, partition })),
    );

/** The ids of those who say that they hold a partition; more than one only by a fault. */
const claimsOf = (members: readonly AssignedMember[]): ReadonlyMap<string, ReadonlySet<string>> => {
  const claims = new Map<string, Set<string>>();
  for (const { memberId, owned } of members) {
    for (const partition of owned) {
      const key = keyOf(partition);
      claims.set(key, (claims.get(key) ?? new Set()).add(memberId));
    }
  }
  return claims;
};

const leastLoaded = (shares: readonly Share[], topic: string): Share | undefined =>
  shares.reduce<Share | undefined>((best, next) => {
    if (best === undefined) return next;
    const difference = next.size - best.size || next.count(topic) - best.count(topic);
    return difference < 0 ? next : best;
  }, undefined);

/** Moves one partition from a larger share to one smaller by two or more, if any may have it. */
const moveOne = (shares: readonly Share[]): boolean => {
  const bySize = [...shares].sort((one, other) => one.size - other.size);
  for (const donor of bySize.toReversed()) {
    for (const receiver of bySize) {
      if (donor.size - receiver.size < 2) break;
      if (donor.passTo(receiver)) return true;
    }
  }
  return false;
};

/** Balanced shares that keep with their holders what need not move. */
const balancedShares = (
  members: readonly AssignedMember[],
  partitions: readonly TopicPartition[],
  claims: ReadonlyMap<string, ReadonlySet<string>>,
): readonly Share[] => {
  const shares = members
    .map(({ memberId, topics }) => new Share(memberId, new Set(topics)))
    .sort((one, other) => ascending(one.memberId, other.memberId));
  const byId = new Map(shares.map((share) => [share.memberId, share]));
  const eligible = new Map<string, readonly Share[]>();
  const free: TopicPartition[] = [];
  for (const partition of partitions) {
    const { topic } = partition;
    const able = eligible.get(topic) ?? shares.filter((share) => share.mayHave(topic));
    eligible.set(topic, able);
    const [holder, ...others] = claims.get(keyOf(partition)) ?? [];
    const share = others.length > 0 ? undefined : byId.get(holder ?? '');
    if (share?.mayHave(topic) === true) share.add(partition, true);
    else free.push(partition);
  }
  const choices = ({ topic }: TopicPartition): number => eligible.get(topic)?.length ?? 0;
  // What few may have goes first; the rest evens out what that made uneven.
  for (const partition of free.sort((one, other) => choices(one) - choices(other))) {
    leastLoaded(eligible.get(partition.topic) ?? [], partition.topic)?.add(partition, false);
  }
  while (moveOne(shares));
  return shares;
};

/**
 * Shares out every partition of every topic that some member subscribes to: balanced within one
 * where all subscribe to the same, and moving only what balance needs. Cooperative (KIP-429): a
 * partition that another member still holds is given to nobody in this round. Its holder sees it
 * missing, hands it back and joins again, and the round after that gives it away.
 */
export const assign = (members: readonly AssignedMember[], counts: PartitionCounts): Assignment => {
  const claims = claimsOf(members);
  const shares = balancedShares(members, partitionsToShare(members, counts), claims);
  return new Map(
    shares.map((share) => {
      const heldByAnother = (partition: TopicPartition): boolean =>
        [...(claims.get(keyOf(partition)) ?? [])].some((holder) => holder !== share.memberId);
      return [share.memberId, share.partitions().filter((one) => !heldByAnother(one))];
    }),
  );
};
