import type { EntityManager } from 'typeorm';

import type {
  ExceptionEnd,
  ExceptionName,
  PartitionCheckpoint,
  PartitionName,
} from '../core/checkpoint.js';
import { NOT_TO_BE_TAKEN } from './exception-rows.js';
import { namesOf } from './floors.js';

/** What a row loses when it only says that its event is settled. */
export const SETTLED = `state = 'done', order_key = NULL, due = NULL, record_key = NULL,
  record_value = NULL, record_headers = NULL, record_timestamp = NULL, summary = NULL, error = NULL,
  operation_id = NULL, taken = true, dead_at = NULL, updated_at = clock_timestamp()`;

type PlacedEnd = ExceptionEnd & PartitionName;

const NAMED = `unnest($1::uuid[], $2::text[], $3::int[], $4::bigint[])
    AS n (subscription_uid, topic_id, partition, "offset")
  WHERE e.subscription_uid = n.subscription_uid AND e.topic_id = n.topic_id
    AND e.partition = n.partition AND e."offset" = n."offset" AND ${NOT_TO_BE_TAKEN}`;

/** Removes the exceptions that are covered and settles the others; those that are not there are fine. */
export async function endExceptions(
  manager: EntityManager,
  checkpoints: readonly PartitionCheckpoint[],
): Promise<void> {
  const ends = checkpoints.flatMap(({ topic, partition, ends: list }) =>
    list.map((end) => ({ ...end, topic, partition })),
  );
  const covered = ends.filter((end) => end.covered);
  const settled = ends.filter((end) => !end.covered);
  if (covered.length > 0)
    await manager.query(`DELETE FROM exceptions e USING ${NAMED}`, parametersOf(covered));
  if (settled.length > 0)
    await manager.query(`UPDATE exceptions e SET ${SETTLED} FROM ${NAMED}`, parametersOf(settled));
}

const parametersOf = (ends: readonly PlacedEnd[]): unknown[] => [
  ends.map(({ subscriptionUid }: ExceptionName) => subscriptionUid),
  ends.map(({ topicId }) => topicId),
  ends.map(({ partition }) => partition),
  ends.map(({ offset }) => offset),
];

/** Moves the stored retries of subscriptions into the future. */
export async function shiftRetries(
  manager: EntityManager,
  checkpoints: readonly PartitionCheckpoint[],
): Promise<void> {
  const shifts = checkpoints.flatMap(({ topic, partition, shifts: list }) =>
    list.map((shift) => ({ ...shift, topic, partition })),
  );
  if (shifts.length === 0) return;
  await manager.query(
    `UPDATE exceptions e SET due = e.due + s.by_ms * interval '1 millisecond'
     FROM (
       SELECT topic, partition, subscription_uid, sum(by_ms)::float8 AS by_ms
       FROM unnest($1::text[], $2::int[], $3::uuid[], $4::float8[])
         AS given (topic, partition, subscription_uid, by_ms)
       GROUP BY topic, partition, subscription_uid
     ) AS s
     WHERE e.topic = s.topic AND e.partition = s.partition
       AND e.subscription_uid = s.subscription_uid AND e.state = 'retry'`,
    [
      ...namesOf(shifts),
      shifts.map(({ subscriptionUid }) => subscriptionUid),
      shifts.map(({ byMs }) => byMs),
    ],
  );
}
