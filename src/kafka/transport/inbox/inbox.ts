import type { DataSource, EntityManager } from 'typeorm';
import type { ConsumedRecord } from '../server/consumed-record.js';
import { headerNames } from '../wire/header-names.js';

/** Longer than any topic between modules keeps a message, and than a relay can be late. */
const KEPT_DAYS = 8;
const PRUNED_AT_ONCE = 10_000;

/** Identifies an event over all repetitions; a foreign one without an id by its place. */
export const messageIdOf = (record: ConsumedRecord): string =>
  record.headers[headerNames.messageId] ??
  `${record.topic}/${record.partition}/${record.offset}/${record.timestamp}`;

/**
 * Marks an event as handled, in the handler's transaction. A second process with the same event
 * waits here until the first has committed or rolled back.
 * @returns false when it was handled before
 */
export async function enterInInbox(manager: EntityManager, messageId: string): Promise<boolean> {
  const rows = await manager.query<unknown[]>(
    `INSERT INTO inbox (message_id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING message_id`,
    [messageId],
  );
  return rows.length > 0;
}

/** Forgets events that Kafka cannot bring again, so many in one transaction. */
export async function pruneInbox(dataSource: DataSource): Promise<void> {
  let removed = PRUNED_AT_ONCE;
  while (removed === PRUNED_AT_ONCE) removed = await pruneSome(dataSource);
}

async function pruneSome(dataSource: DataSource): Promise<number> {
  const [, removed] = await dataSource.query<[unknown[], number]>(
    `DELETE FROM inbox WHERE message_id IN (
       SELECT message_id FROM inbox
       WHERE handled_at < now() - make_interval(days => $1)
       ORDER BY handled_at LIMIT $2)`,
    [KEPT_DAYS, PRUNED_AT_ONCE],
  );
  return removed;
}
