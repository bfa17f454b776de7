import type { DataSource, EntityManager } from 'typeorm';

import type { OperationState } from '../../kafka/contracts/delivery-shapes.js';
import { keepSubscriptions, OF_KNOWN_SUBSCRIPTION } from './deleted-subscriptions.js';

/** An operation that shall begin. Whoever asks for it chooses the id. */
export type NewOperation = Pick<OperationState, 'id' | 'subscriptionUid' | 'type'>;

/** Operations on subscriptions: redrives and resends. */
export class OperationStore {
  constructor(private readonly dataSource: DataSource) {}

  /** An operation as far as it has come. */
  async find(id: string): Promise<OperationState | undefined> {
    return findOperation(this.dataSource.manager, id);
  }
}

/** An operation as far as it has come. */
export async function findOperation(
  manager: EntityManager,
  id: string,
): Promise<OperationState | undefined> {
  const [row] = await manager.query<OperationRow[]>(`${SELECT} WHERE id = $1`, [id]);
  return row && stateOf(row);
}

/**
 * Begins an operation in a transaction of its own, unless it was begun before.
 * @param work makes the rows that it is about, and answers how many; none: it is finished at once
 * @returns undefined when the subscription is known to be gone
 */
export async function runOnce(
  dataSource: DataSource,
  operation: NewOperation,
  work: (manager: EntityManager) => Promise<number>,
): Promise<OperationState | undefined> {
  return dataSource.transaction(async (manager) => {
    await keepSubscriptions(manager);
    if (!(await begin(manager, operation))) return findOperation(manager, operation.id);
    await setTotal(manager, operation.id, await work(manager));
    return findOperation(manager, operation.id);
  });
}

/** @returns whether this transaction is the one that begins it; another one at work is waited for */
async function begin(manager: EntityManager, operation: NewOperation): Promise<boolean> {
  const rows = await manager.query<unknown[]>(
    `INSERT INTO operations (id, subscription_uid, type)
     SELECT w.* FROM (VALUES ($1, $2::uuid, $3)) AS w (id, subscription_uid, type)
     WHERE ${OF_KNOWN_SUBSCRIPTION}
     ON CONFLICT DO NOTHING RETURNING id`,
    [operation.id, operation.subscriptionUid, operation.type],
  );
  return rows.length > 0;
}

async function setTotal(manager: EntityManager, id: string, total: number): Promise<void> {
  await manager.query(
    `UPDATE operations SET total = $2,
       finished_at = CASE WHEN $2 = 0 THEN clock_timestamp() END
     WHERE id = $1`,
    [id, total],
  );
}

const SELECT = `SELECT id, subscription_uid, type, total, delivered, failed, created_at, finished_at
  FROM operations`;

interface OperationRow {
  readonly id: string;
  readonly subscription_uid: string;
  readonly type: OperationState['type'];
  readonly total: number;
  readonly delivered: number;
  readonly failed: number;
  readonly created_at: Date;
  readonly finished_at: Date | null;
}

const stateOf = (row: OperationRow): OperationState => ({
  id: row.id,
  subscriptionUid: row.subscription_uid,
  type: row.type,
  status: row.finished_at === null ? 'running' : 'done',
  total: row.total,
  delivered: row.delivered,
  failed: row.failed,
  createdAt: row.created_at.toISOString(),
  finishedAt: row.finished_at?.toISOString() ?? null,
});
