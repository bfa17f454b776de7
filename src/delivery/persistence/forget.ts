import type { EntityManager } from 'typeorm';

import { rememberDeleted } from './deleted-subscriptions.js';

const REMOVED_AT_ONCE = 1_000;

/**
 * Forgets a deleted subscription; repeating it, or an unknown one, is fine. Owners that have not
 * heard of it write none of its rows any more. Checkpoints with more than floors wait until the
 * transaction ends, so it should be among the last things that a transaction does.
 */
export async function forget(manager: EntityManager, subscriptionUid: string): Promise<void> {
  await rememberDeleted(manager, subscriptionUid);
  await removeRows(manager, subscriptionUid);
}

/** How many rows of a subscription that does not exist there are. */
export interface OrphanedRows {
  readonly uid: string;
  readonly deadLetters: number;
  readonly otherExceptions: number;
  readonly lanes: number;
  readonly gaps: number;
  readonly operations: number;
}

/**
 * Finds rows of subscriptions that do not exist, as a restored backup may leave behind. Whoever asks
 * may only not have heard of them yet.
 * @param knownUids all subscriptions that exist
 */
export function findOrphans(
  manager: EntityManager,
  knownUids: readonly string[],
): Promise<readonly OrphanedRows[]> {
  const count = (kind: string, name: string): string =>
    `(count(*) FILTER (WHERE kind = '${kind}'))::int AS "${name}"`;
  return manager.query<OrphanedRows[]>(
    `SELECT uid, ${count('dead', 'deadLetters')}, ${count('exception', 'otherExceptions')},
       ${count('lane', 'lanes')}, ${count('gap', 'gaps')}, ${count('operation', 'operations')}
     FROM (
       SELECT subscription_uid AS uid, 'lane' AS kind FROM lanes
       UNION ALL
       SELECT subscription_uid, CASE state WHEN 'dead' THEN 'dead' ELSE 'exception' END
       FROM exceptions
       UNION ALL SELECT subscription_uid, 'gap' FROM gaps
       UNION ALL SELECT subscription_uid, 'operation' FROM operations
     ) AS stored
     WHERE NOT EXISTS (SELECT 1 FROM unnest($1::uuid[]) AS known (uid) WHERE known.uid = stored.uid)
     GROUP BY uid`,
    [knownUids],
  );
}

/** Removes all rows of a subscription for good. */
export async function removeRows(manager: EntityManager, subscriptionUid: string): Promise<void> {
  let removed = REMOVED_AT_ONCE;
  while (removed === REMOVED_AT_ONCE) removed = await removeExceptions(manager, subscriptionUid);
  for (const table of ['lanes', 'gaps', 'operations'])
    await manager.query(`DELETE FROM ${table} WHERE subscription_uid = $1`, [subscriptionUid]);
}

/** So many in a statement that none runs into its time limit, even with large events. */
async function removeExceptions(manager: EntityManager, subscriptionUid: string): Promise<number> {
  const [, removed] = await manager.query<[unknown[], number]>(
    `DELETE FROM exceptions WHERE id IN (
       SELECT id FROM exceptions WHERE subscription_uid = $1 LIMIT $2)`,
    [subscriptionUid, REMOVED_AT_ONCE],
  );
  return removed;
}
