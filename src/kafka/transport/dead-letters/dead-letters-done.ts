import type { DataSource, EntityManager } from 'typeorm';

/** Longer than the dead-letter topic keeps its records. */
const KEPT_DAYS = 100;

/** Marks a dead letter as done, in the transaction in which its event was handled. */
export async function markDone(manager: EntityManager, id: string): Promise<void> {
  await manager.query(`INSERT INTO dead_letters_done (id) VALUES ($1) ON CONFLICT DO NOTHING`, [
    id,
  ]);
}

/** Those of the ids that are done. */
export async function doneAmong(
  dataSource: DataSource,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await dataSource.query<{ id: string }[]>(
    `SELECT id FROM dead_letters_done WHERE id = ANY($1::text[])`,
    [ids],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Forgets those whose dead letter is gone from Kafka. */
export async function pruneDone(dataSource: DataSource): Promise<void> {
  await dataSource.query(
    `DELETE FROM dead_letters_done WHERE done_at < now() - make_interval(days => $1)`,
    [KEPT_DAYS],
  );
}
