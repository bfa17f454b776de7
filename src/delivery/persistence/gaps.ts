import type { EntityManager } from 'typeorm';

import type { PartitionCheckpoint } from '../core/checkpoint.js';
import { OF_KNOWN_SUBSCRIPTION } from './deleted-subscriptions.js';
import { namesOf } from './floors.js';

/**
 * Records gaps, joined with those of the same kind that they touch or overlap, stored or new. Ranges
 * are doubled to join as they should: [0, 5) touches [5, 9) but not [6, 9), and an empty one counts.
 */
export async function joinGaps(
  manager: EntityManager,
  checkpoints: readonly PartitionCheckpoint[],
): Promise<void> {
  const met = checkpoints.flatMap(({ topic, partition, gaps }) =>
    gaps.map(({ subscriptionUid, gap }) => ({ topic, partition, subscriptionUid, ...gap })),
  );
  if (met.length === 0) return;
  await manager.query(
    `WITH met AS (
       SELECT * FROM unnest($3::uuid[], $1::text[], $2::int[], $4::text[], $5::text[],
           $6::bigint[], $7::bigint[])
         AS w (subscription_uid, topic, partition, topic_id, reason, from_offset, to_offset)
       WHERE ${OF_KNOWN_SUBSCRIPTION}
     ), touched AS (
       DELETE FROM gaps g USING met m
       WHERE g.subscription_uid = m.subscription_uid AND g.partition = m.partition
         AND g.topic_id = m.topic_id AND g.reason = m.reason
         AND g.from_offset <= m.to_offset AND g.to_offset >= m.from_offset
       RETURNING g.subscription_uid, g.topic, g.partition, g.topic_id, g.reason,
         g.from_offset, g.to_offset
     ), joined AS (
       SELECT subscription_uid, topic, partition, topic_id, reason,
         unnest(range_agg(int8range(2 * from_offset, 2 * to_offset, '[]'))) AS doubled
       FROM (SELECT * FROM met UNION ALL SELECT * FROM touched) AS parts
       GROUP BY subscription_uid, topic, partition, topic_id, reason
     )
     INSERT INTO gaps
       (subscription_uid, topic, partition, topic_id, reason, from_offset, to_offset)
     SELECT subscription_uid, topic, partition, topic_id, reason,
       lower(doubled) / 2, upper(doubled) / 2
     FROM joined ORDER BY doubled`,
    [
      ...namesOf(met),
      met.map(({ subscriptionUid }) => subscriptionUid),
      met.map(({ topicId }) => topicId),
      met.map(({ reason }) => reason),
      met.map(({ from }) => from),
      met.map(({ to }) => to),
    ],
  );
}
