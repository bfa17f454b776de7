import type { EntityManager } from 'typeorm';
import type { OutgoingMessage } from './outgoing-messages.js';

/** An outbox row; `id` is a decimal bigint. */
export interface OutboxRow extends OutgoingMessage {
  readonly id: string;
}

/** Appends to the outbox in the order given. @returns the rows' ids */
export async function appendToOutbox(
  manager: EntityManager,
  messages: readonly OutgoingMessage[],
): Promise<readonly string[]> {
  const rows = await manager.query<{ id: string }[]>(
    `INSERT INTO outbox (topic, key, value, headers)
     SELECT topic, key, value, headers::jsonb
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
       WITH ORDINALITY AS message (topic, key, value, headers, place)
     ORDER BY place
     RETURNING id`,
    [
      messages.map(({ topic }) => topic),
      messages.map(({ key }) => key),
      messages.map(({ value }) => value),
      messages.map(({ headers }) => JSON.stringify(headers)),
    ],
  );
  return rows.map(({ id }) => id);
}

/**
 * Waits until this transaction is the only relay of the schema, at most 2 s; let go when the
 * transaction or its session ends, however that comes about. Its commit does not wait for the disk:
 * rows that come back after a crash of Postgres are sent twice, as after any other crash.
 */
export async function lockOutboxForRelay(manager: EntityManager): Promise<void> {
  await manager.query(
    `SELECT set_config('lock_timeout', '2s', true), set_config('synchronous_commit', 'off', true),
            pg_advisory_xact_lock(hashtext('millrace.outbox'), hashtext(current_schema()))`,
  );
}

/** The oldest rows in the order of their ids, whichever committed last. */
export const oldestOfOutbox = (manager: EntityManager, limit: number): Promise<OutboxRow[]> =>
  manager.query<OutboxRow[]>(
    `SELECT id, topic, key, value, headers FROM outbox ORDER BY id LIMIT $1`,
    [limit],
  );

/** Removes rows that Kafka has acknowledged. */
export async function removeFromOutbox(
  manager: EntityManager,
  ids: readonly string[],
): Promise<void> {
  await manager.query(`DELETE FROM outbox WHERE id = ANY($1::bigint[])`, [ids]);
}

/** Whether anything waits; cheap, without a transaction. */
export async function outboxHasRows(manager: EntityManager): Promise<boolean> {
  const rows = await manager.query<unknown[]>(`SELECT 1 FROM outbox LIMIT 1`);
  return rows.length > 0;
}

/** What waits in an outbox. */
export interface OutboxBacklog {
  /** Counted up to 10,000. */
  readonly rows: number;
  /** 0 when nothing waits. */
  readonly oldestAgeSeconds: number;
}

/** For metrics: how much waits, and how long. */
export async function outboxBacklog(manager: EntityManager): Promise<OutboxBacklog> {
  const [found] = await manager.query<OutboxBacklog[]>(
    `SELECT count(*)::int AS rows,
            coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 AS "oldestAgeSeconds"
     FROM (SELECT created_at FROM outbox ORDER BY id LIMIT 10000) AS oldest`,
  );
  return found ?? { rows: 0, oldestAgeSeconds: 0 };
}

/**
 * Waits for everybody who has written to the outbox to commit, and lets nobody write until this
 * transaction ends: what is published now comes before all later changes.
 */
export async function lockOutboxForReconciliation(manager: EntityManager): Promise<void> {
  await manager.query(`SET LOCAL lock_timeout = '2s'`);
  await manager.query(`LOCK TABLE outbox IN SHARE ROW EXCLUSIVE MODE`);
}

/** Keys of a topic's messages that are not sent yet. */
export async function pendingKeys(
  manager: EntityManager,
  topic: string,
): Promise<ReadonlySet<string>> {
  const rows = await manager.query<{ key: string }[]>(
    `SELECT DISTINCT key FROM outbox WHERE topic = $1`,
    [topic],
  );
  return new Set(rows.map(({ key }) => key));
}
