import type { EntityManager } from 'typeorm';

import type { ExceptionState, PartitionName, StoredException } from '../core/checkpoint.js';
import { namesOf } from './floors.js';

/**
 * Condition of every change that an owner makes to rows `e`: one that was made `redrive` and not
 * taken yet is not known to it, so what it writes is about the row's former life.
 */
export const NOT_TO_BE_TAKEN = `(e.state <> 'redrive' OR e.taken)`;

const COLUMNS = `e.subscription_uid, e.topic, e.topic_id, e.partition, e."offset", e.state,
  e.order_key, e.attempts, e.due, e.operation_id`;

/**
 * What a new owner must know: all but the dead letters that nobody reads again, which lie below the
 * floor and below the place of their subscription's lane, or in a former incarnation of the topic.
 * Rows that wait to be taken count as taken.
 */
export async function takeExceptions(
  manager: EntityManager,
  partitions: readonly PartitionName[],
): Promise<readonly StoredException[]> {
  const rows = await manager.query<ExceptionRow[]>(
    `WITH claimed AS MATERIALIZED (
       SELECT topic, partition, topic_id, floor FROM partition_floors
         JOIN unnest($1::text[], $2::int[]) AS p (topic, partition) USING (topic, partition)
     ), taken AS (
       UPDATE exceptions SET taken = true WHERE id IN (
         SELECT e.id FROM claimed c JOIN exceptions e USING (topic, partition)
         WHERE e.state = 'redrive' AND NOT e.taken FOR UPDATE OF e SKIP LOCKED)
     ), found AS (
       SELECT ${COLUMNS} FROM claimed c JOIN exceptions e USING (topic, partition)
       WHERE e.state IN ('retry', 'parked', 'redrive', 'done')
       UNION ALL
       SELECT ${COLUMNS} FROM claimed c JOIN exceptions e USING (topic, partition)
       WHERE e.state = 'dead' AND e."offset" >= coalesce(c.floor, 0)
         AND e.topic_id = coalesce(c.topic_id, e.topic_id)
       UNION ALL
       SELECT ${COLUMNS} FROM claimed c JOIN lanes l USING (topic, partition)
         JOIN exceptions e ON e.subscription_uid = l.subscription_uid
           AND e.topic_id = c.topic_id AND e.partition = c.partition
           AND e."offset" >= l.from_offset AND e."offset" < c.floor
       WHERE e.state = 'dead'
     )
     SELECT * FROM found ORDER BY topic, partition, "offset"`,
    namesOf(partitions),
  );
  return rows.map(exceptionOf);
}

/** A partition and the epoch under which its exceptions are asked for. */
export interface OwnedPartition extends PartitionName {
  readonly ownerEpoch: number;
}

/**
 * Takes what was made `redrive`, in the order of offsets. A former owner gets nothing: the epoch row
 * is locked against claims, where there is something to take.
 * @param again whether to give what was taken before too
 */
export async function takeRedriven(
  manager: EntityManager,
  partitions: readonly OwnedPartition[],
  again: boolean,
): Promise<readonly StoredException[]> {
  const rows = await manager.query<ExceptionRow[]>(
    `WITH waiting AS MATERIALIZED (
       SELECT DISTINCT topic, partition, p.owner_epoch FROM exceptions e
         JOIN unnest($1::text[], $2::int[], $3::bigint[]) AS p (topic, partition, owner_epoch)
           USING (topic, partition)
       WHERE e.state = 'redrive' AND (NOT e.taken OR $4)
     ), owned AS MATERIALIZED (
       SELECT topic, partition FROM partition_floors f JOIN waiting w USING (topic, partition)
       WHERE f.owner_epoch = w.owner_epoch ORDER BY topic, partition FOR SHARE OF f
     ), taken AS (
       UPDATE exceptions e SET taken = true WHERE e.id IN (
         SELECT e.id FROM owned JOIN exceptions e USING (topic, partition)
         WHERE e.state = 'redrive' AND (NOT e.taken OR $4) FOR UPDATE OF e SKIP LOCKED)
       RETURNING ${COLUMNS}
     )
     SELECT * FROM taken ORDER BY topic, partition, "offset"`,
    [...namesOf(partitions), partitions.map(({ ownerEpoch }) => ownerEpoch), again],
  );
  return rows.map(exceptionOf);
}

interface ExceptionRow extends PartitionName {
  readonly subscription_uid: string;
  readonly topic_id: string;
  readonly offset: string;
  readonly state: ExceptionState;
  readonly order_key: Buffer | null;
  readonly attempts: number;
  readonly due: Date | null;
  readonly operation_id: string | null;
}

const exceptionOf = (row: ExceptionRow): StoredException => ({
  subscriptionUid: row.subscription_uid,
  topic: row.topic,
  topicId: row.topic_id,
  partition: row.partition,
  offset: Number(row.offset),
  state: row.state,
  orderKey: row.order_key,
  attempts: row.attempts,
  due: row.due?.getTime() ?? null,
  operationId: row.operation_id,
});
