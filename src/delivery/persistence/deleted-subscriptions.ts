import type { EntityManager } from 'typeorm';

/**
 * Condition of every INSERT of rows `w (subscription_uid, …)`: none for a subscription that is known
 * to be gone. The transaction has called `keepSubscriptions` in an earlier statement.
 */
export const OF_KNOWN_SUBSCRIPTION = `NOT EXISTS (
  SELECT 1 FROM deleted_subscriptions d WHERE d.uid = w.subscription_uid)`;

/**
 * No subscription is forgotten until the transaction ends; one that is being forgotten now is waited
 * for, and known afterwards. First statement of a transaction that inserts rows of subscriptions:
 * whoever waits here must hold no lock that forgetting, or a transaction before it, could need.
 */
export async function keepSubscriptions(manager: EntityManager): Promise<void> {
  await manager.query(`LOCK TABLE deleted_subscriptions IN ROW SHARE MODE`);
}

/**
 * Waits for all transactions that may insert rows, lets no other begin until this one ends, and
 * remembers the subscription for a day, which is far longer than any process takes to hear of it.
 */
export async function rememberDeleted(
  manager: EntityManager,
  subscriptionUid: string,
): Promise<void> {
  await manager.query(`LOCK TABLE deleted_subscriptions IN EXCLUSIVE MODE`);
  await manager.query(
    `DELETE FROM deleted_subscriptions WHERE deleted_at < now() - interval '1 day'`,
  );
  await manager.query(
    `INSERT INTO deleted_subscriptions (uid) VALUES ($1) ON CONFLICT DO NOTHING`,
    [subscriptionUid],
  );
}
