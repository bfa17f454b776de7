import type { EntityManager } from 'typeorm';

import type { PartitionCheckpoint } from '../core/checkpoint.js';
import { namesOf } from './floors.js';

/** Gives the exceptions of records that the log has lost another topic id, in all partitions. */
export async function retireLost(
  manager: EntityManager,
  checkpoints: readonly PartitionCheckpoint[],
): Promise<void> {
  const lost = checkpoints.flatMap(({ topic, partition, topicId, retire }) =>
    retire === null ? [] : [{ topic, partition, topicId, ...retire }],
  );
  if (lost.length === 0) return;
  await manager.query(
    `UPDATE exceptions e SET topic_id = l.former_id, updated_at = clock_timestamp()
     FROM unnest($1::text[], $2::int[], $3::text[], $4::bigint[], $5::text[])
       AS l (topic, partition, topic_id, from_offset, former_id)
     WHERE e.topic = l.topic AND e.partition = l.partition AND e.topic_id = l.topic_id
       AND e."offset" >= l.from_offset`,
    [
      ...namesOf(lost),
      lost.map(({ topicId }) => topicId),
      lost.map(({ fromOffset }) => fromOffset),
      lost.map(({ as }) => as),
    ],
  );
}
