import type { DataSource } from 'typeorm';

/**
 * Condition of rows `e`, beside their floor `f` and lane `l`: nobody reads the event again, as floor
 * and lane have passed it, or it belongs to a former incarnation of the topic.
 */
export const PASSED = `f.topic_id IS NOT NULL AND (e.topic_id <> f.topic_id OR (
  e."offset" < f.floor AND (l.from_offset IS NULL OR e."offset" < l.from_offset)))`;

/** Rows `e` with their floor `f` and lane `l`, where there are such. */
export const PLACED = `exceptions e
  LEFT JOIN partition_floors f ON f.topic = e.topic AND f.partition = e.partition
  LEFT JOIN lanes l ON l.subscription_uid = e.subscription_uid AND l.partition = e.partition`;

const REMOVED_AT_ONCE = 5_000;

/**
 * Removes rows that say no more than that an event is settled, once nobody reads it again; so many
 * in one transaction.
 */
export async function sweepDone(dataSource: DataSource): Promise<void> {
  let removed = REMOVED_AT_ONCE;
  while (removed === REMOVED_AT_ONCE) removed = await sweepSome(dataSource);
}

async function sweepSome(dataSource: DataSource): Promise<number> {
  const [, removed] = await dataSource.query<[unknown[], number]>(
    `DELETE FROM exceptions WHERE id IN (
       SELECT e.id FROM ${PLACED}
       WHERE e.state = 'done' AND ${PASSED}
       LIMIT $1 FOR UPDATE OF e SKIP LOCKED)`,
    [REMOVED_AT_ONCE],
  );
  return removed;
}
