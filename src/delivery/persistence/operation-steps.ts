import type { EntityManager } from 'typeorm';

import type { PartitionCheckpoint } from '../core/checkpoint.js';

/**
 * Adds the steps of all partitions to their operations, and finishes those whose events are all
 * accounted for. Operations are locked in the same order by everybody.
 */
export async function stepOperations(
  manager: EntityManager,
  checkpoints: readonly PartitionCheckpoint[],
): Promise<void> {
  const steps = checkpoints.flatMap(({ operations }) => operations);
  if (steps.length === 0) return;
  await manager.query(
    `WITH steps AS (
       SELECT id, sum(delivered)::int AS delivered, sum(failed)::int AS failed
       FROM unnest($1::text[], $2::int[], $3::int[]) AS given (id, delivered, failed) GROUP BY id
     ), locked AS (
       SELECT id FROM operations WHERE id IN (SELECT id FROM steps)
       ORDER BY id FOR NO KEY UPDATE
     )
     UPDATE operations o SET delivered = o.delivered + s.delivered, failed = o.failed + s.failed,
       finished_at = CASE
         WHEN o.delivered + s.delivered + o.failed + s.failed >= o.total
         THEN coalesce(o.finished_at, clock_timestamp()) END
     FROM steps s JOIN locked USING (id) WHERE o.id = s.id`,
    [
      steps.map(({ operationId }) => operationId),
      steps.map(({ delivered }) => delivered),
      steps.map(({ failed }) => failed),
    ],
  );
}
