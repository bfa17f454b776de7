import type { EntityManager } from 'typeorm';

import type { ExceptionWrite, PartitionCheckpoint, PartitionName } from '../core/checkpoint.js';
import { OF_KNOWN_SUBSCRIPTION } from './deleted-subscriptions.js';
import { NOT_TO_BE_TAKEN } from './exception-rows.js';
import { namesOf } from './floors.js';
import { recordParameters, statementParts } from './kept-records.js';
import { lastOfEach } from './last-of-each.js';

/** An exception and the partition that it lies in. */
type PlacedWrite = ExceptionWrite & PartitionName;

/**
 * Stores the exceptions of all partitions together. What a row holds is replaced, but for its record
 * where none is given; a row that was made `redrive` and not taken yet stays, as its owner does not
 * know of that.
 */
export async function storeExceptions(
  manager: EntityManager,
  checkpoints: readonly PartitionCheckpoint[],
): Promise<void> {
  const writes = lastOfEach(
    checkpoints.flatMap(({ topic, partition, writes: list }) =>
      list.map((write) => ({ ...write, topic, partition })),
    ),
    ({ subscriptionUid, topicId, partition, offset }) =>
      `${subscriptionUid}/${topicId}/${partition}/${offset}`,
  );
  for (const part of statementParts(writes)) await store(manager, part);
}

async function store(manager: EntityManager, writes: readonly PlacedWrite[]): Promise<void> {
  await manager.query(STORE, [
    ...namesOf(writes),
    writes.map(({ subscriptionUid }) => subscriptionUid),
    writes.map(({ topicId }) => topicId),
    writes.map(({ offset }) => offset),
    writes.map(({ state }) => state),
    writes.map(({ orderKey }) => orderKey),
    writes.map(({ attempts }) => attempts),
    writes.map(({ due }) => (due === null ? null : new Date(due))),
    writes.map(({ summary }) => jsonOf(summary)),
    writes.map(({ error }) => jsonOf(error)),
    writes.map(({ operationId }) => operationId),
    ...recordParameters(writes.map(({ record }) => record)),
  ]);
}

const jsonOf = (value: object | null): string | null =>
  value === null ? null : JSON.stringify(value);

const KEPT_UNLESS_GIVEN = ['record_key', 'record_value', 'record_headers', 'record_timestamp']
  .map(
    (column) => `${column} = CASE WHEN excluded.record_headers IS NULL
      THEN e.${column} ELSE excluded.${column} END`,
  )
  .join(', ');

const STORE = `
  INSERT INTO exceptions AS e
    (topic, partition, subscription_uid, topic_id, "offset", state, order_key, attempts, due,
     summary, error, operation_id, record_key, record_headers, record_timestamp, record_value,
     dead_at)
  SELECT topic, partition, subscription_uid, topic_id, "offset", state, order_key, attempts, due,
    summary, error, operation_id, record_key, record_headers, record_timestamp,
    substring($18::bytea FROM value_start FOR value_size),
    CASE WHEN state = 'dead' THEN date_trunc('milliseconds', clock_timestamp()) END
  FROM unnest($1::text[], $2::int[], $3::uuid[], $4::text[], $5::bigint[], $6::text[], $7::bytea[],
      $8::int[], $9::timestamptz[], $10::json[], $11::json[], $12::text[], $13::bytea[],
      $14::json[], $15::bigint[], $16::int[], $17::int[])
    AS w (topic, partition, subscription_uid, topic_id, "offset", state, order_key, attempts, due,
      summary, error, operation_id, record_key, record_headers, record_timestamp, value_start,
      value_size)
  WHERE ${OF_KNOWN_SUBSCRIPTION}
  ON CONFLICT (subscription_uid, topic_id, partition, "offset") DO UPDATE
  SET state = excluded.state, order_key = excluded.order_key, attempts = excluded.attempts,
    due = excluded.due, summary = excluded.summary, error = excluded.error,
    operation_id = excluded.operation_id, taken = true, updated_at = clock_timestamp(),
    dead_at = CASE WHEN excluded.state = 'dead' THEN coalesce(e.dead_at, excluded.dead_at) END,
    ${KEPT_UNLESS_GIVEN}
  WHERE ${NOT_TO_BE_TAKEN}`;
