import type { EntityManager } from 'typeorm';

import { nameOf, type PartitionName } from '../core/checkpoint.js';
import { namesOf } from './floors.js';

/** Condition of rows `e` that count against their subscription's bound: all but `done`. */
const COUNTS = `e.state IN ('retry', 'parked', 'redrive', 'dead')`;

/** How many rows of a subscription in a partition count against its bound. */
export interface ExceptionCount extends PartitionName {
  readonly subscriptionUid: string;
  readonly count: number;
}

/** Counts per partition and subscription; those without rows are left out. */
export const countAll = (
  manager: EntityManager,
  partitions: readonly PartitionName[],
): Promise<readonly ExceptionCount[]> =>
  manager.query<ExceptionCount[]>(
    `SELECT topic, partition, e.subscription_uid AS "subscriptionUid", count(*)::int AS count
     FROM exceptions e
       JOIN unnest($1::text[], $2::int[]) AS p (topic, partition) USING (topic, partition)
     WHERE ${COUNTS} GROUP BY topic, partition, e.subscription_uid`,
    namesOf(partitions),
  );

/** Counts of subscriptions, in their order, each in the order of the partitions. */
export async function countOf(
  manager: EntityManager,
  subscriptionUids: readonly string[],
  partitions: readonly PartitionName[],
): Promise<readonly (readonly number[])[]> {
  const found = await manager.query<ExceptionCount[]>(
    `SELECT e.topic, e.partition, e.subscription_uid AS "subscriptionUid", count(*)::int AS count
     FROM exceptions e
       JOIN unnest($1::text[], $2::int[]) AS p (topic, partition)
         ON e.topic = p.topic AND e.partition = p.partition
     WHERE e.subscription_uid = ANY ($3::uuid[]) AND ${COUNTS}
     GROUP BY e.topic, e.partition, e.subscription_uid`,
    [...namesOf(partitions), subscriptionUids],
  );
  const placeOf = (uid: string, name: PartitionName): string => `${uid} ${nameOf(name)}`;
  const counts = new Map(found.map((row) => [placeOf(row.subscriptionUid, row), row.count]));
  return subscriptionUids.map((uid) =>
    partitions.map((name) => counts.get(placeOf(uid, name)) ?? 0),
  );
}
