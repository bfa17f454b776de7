import type { EntityManager } from 'typeorm';

import type { PartitionName } from '../core/checkpoint.js';
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

/** Counts of one subscription in the order of the partitions. */
export async function countOf(
  manager: EntityManager,
  subscriptionUid: string,
  partitions: readonly PartitionName[],
): Promise<readonly number[]> {
  const rows = await manager.query<{ count: number }[]>(
    `SELECT count(e.id)::int AS count
     FROM unnest($1::text[], $2::int[]) WITH ORDINALITY AS p (topic, partition, place)
       LEFT JOIN exceptions e ON e.subscription_uid = $3 AND e.topic = p.topic
         AND e.partition = p.partition AND ${COUNTS}
     GROUP BY p.place ORDER BY p.place`,
    [...namesOf(partitions), subscriptionUid],
  );
  return rows.map(({ count }) => count);
}
