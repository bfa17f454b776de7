import type { DataSource, EntityManager } from 'typeorm';

import type { OperationState } from '../../kafka/contracts/delivery-shapes.js';
import type { KeptRecord } from '../core/checkpoint.js';
import { FIRST_DEAD, type DeadLetterPosition, type EventPlace } from './dead-letter.store.js';
import { namesOf, shareFloors } from './floors.js';
import {
  RECORD_COLUMNS,
  recordOf,
  recordParameters,
  statementParts,
  type RecordColumns,
} from './kept-records.js';
import { lastOfEach } from './last-of-each.js';
import { findOperation, runOnce, type NewOperation } from './operation.store.js';
import { isRowId } from './row-id.js';

/** Dead letters read at once to be judged; each may be as large as an event can be. */
const JUDGED_AT_ONCE = 50;

/** Whether a dead letter is meant. */
export type DeadLetterPredicate = (record: KeptRecord, place: EventPlace) => boolean;

/** Which of a subscription's dead letters are meant; null: all. */
export type DeadLetterSelection = readonly string[] | DeadLetterPredicate | null;

/** An event of the topic that is to be sent again. */
export interface ChosenRecord extends EventPlace {
  /** The record's key; null: the delivery waits for no other. */
  readonly orderKey: Buffer | null;
  readonly record: KeptRecord;
}

/**
 * Makes deliveries begin anew. Both methods change nothing and answer the stored operation where
 * its id is known already, and answer undefined where the subscription is known to be gone.
 */
export class RedriveStore {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Gives dead letters all their attempts again, from now on; the owner of their partition takes
   * them. The operation's total counts those that are dead at this moment.
   */
  async redrive(
    operation: NewOperation,
    selection: DeadLetterSelection,
  ): Promise<OperationState | undefined> {
    const known = await findOperation(this.dataSource.manager, operation.id);
    if (known !== undefined) return known;
    const ids = await this.idsOf(operation.subscriptionUid, selection);
    return runOnce(this.dataSource, operation, (manager) => reviveDead(manager, operation, ids));
  }

  /**
   * Sends events again, whether they were delivered before or not. One that is going to be sent
   * anyway stays as it is and does not count.
   */
  async resend(
    operation: NewOperation,
    records: readonly ChosenRecord[],
  ): Promise<OperationState | undefined> {
    const chosen = lastOfEach(
      records,
      ({ topicId, partition, offset }) => `${topicId}/${partition}/${offset}`,
    );
    return runOnce(this.dataSource, operation, async (manager) => {
      await shareFloors(manager, chosen);
      let total = 0;
      for (const part of statementParts(chosen))
        total += await insertRedriven(manager, operation, part);
      return total;
    });
  }

  private async idsOf(
    subscriptionUid: string,
    selection: DeadLetterSelection,
  ): Promise<readonly string[] | null> {
    if (typeof selection === 'function') return this.judge(subscriptionUid, selection);
    return selection?.filter(isRowId) ?? null;
  }

  /** Judges before the transaction, which a long list would make long too. */
  private async judge(
    subscriptionUid: string,
    isMeant: DeadLetterPredicate,
  ): Promise<readonly string[]> {
    const ids: string[] = [];
    let after = FIRST_DEAD;
    for (;;) {
      const rows = await this.deadAfter(subscriptionUid, after);
      ids.push(...rows.filter((row) => isMeantRow(row, isMeant)).map(({ id }) => id));
      if (rows.length < JUDGED_AT_ONCE) return ids;
      const last = rows.at(-1)!;
      after = { deadAt: last.dead_at, id: last.id };
    }
  }

  private deadAfter(subscriptionUid: string, after: DeadLetterPosition): Promise<DeadRow[]> {
    return this.dataSource.query<DeadRow[]>(
      `SELECT e.id, e.dead_at, e.topic, e.topic_id, e.partition, e."offset", ${RECORD_COLUMNS}
       FROM exceptions e
       WHERE e.subscription_uid = $1 AND e.state = 'dead'
         AND (e.dead_at, e.id) > ($2::timestamptz, $3::bigint)
       ORDER BY e.dead_at, e.id LIMIT ${JUDGED_AT_ONCE}`,
      [subscriptionUid, after.deadAt, after.id],
    );
  }
}

interface DeadRow extends RecordColumns {
  readonly id: string;
  readonly dead_at: Date;
  readonly topic: string;
  readonly topic_id: string;
  readonly partition: number;
  readonly offset: string;
}

function isMeantRow(row: DeadRow, isMeant: DeadLetterPredicate): boolean {
  const record = recordOf(row);
  const { topic, topic_id: topicId, partition } = row;
  return (
    record !== undefined &&
    isMeant(record, { topic, topicId, partition, offset: Number(row.offset) })
  );
}

/** Rows that are being changed at this moment are dead no more. @returns how many were dead */
async function reviveDead(
  manager: EntityManager,
  { id, subscriptionUid }: NewOperation,
  ids: readonly string[] | null,
): Promise<number> {
  const [, revived] = await manager.query<[unknown[], number]>(
    `UPDATE exceptions SET state = 'redrive', taken = false, attempts = 0, due = $3,
       operation_id = $4, dead_at = NULL, updated_at = clock_timestamp()
     WHERE id IN (
       SELECT id FROM exceptions
       WHERE subscription_uid = $1 AND state = 'dead' AND ($2::bigint[] IS NULL OR id = ANY($2))
       FOR UPDATE SKIP LOCKED)`,
    [subscriptionUid, ids, new Date(), id],
  );
  return revived;
}

/** @returns how many are going to be sent that were not before */
async function insertRedriven(
  manager: EntityManager,
  { id, subscriptionUid }: NewOperation,
  records: readonly ChosenRecord[],
): Promise<number> {
  const rows = await manager.query<unknown[]>(
    `INSERT INTO exceptions AS e
       (topic, partition, topic_id, "offset", order_key, record_key, record_headers,
        record_timestamp, record_value, subscription_uid, operation_id, due, state, attempts, taken)
     SELECT topic, partition, topic_id, "offset", order_key, record_key, record_headers,
       record_timestamp, substring($11::bytea FROM value_start FOR value_size),
       $12::uuid, $13, $14::timestamptz, 'redrive', 0, false
     FROM unnest($1::text[], $2::int[], $3::text[], $4::bigint[], $5::bytea[], $6::bytea[],
         $7::json[], $8::bigint[], $9::int[], $10::int[])
       AS w (topic, partition, topic_id, "offset", order_key, record_key, record_headers,
         record_timestamp, value_start, value_size)
     ON CONFLICT (subscription_uid, topic_id, partition, "offset") DO UPDATE
     SET state = 'redrive', taken = false, attempts = 0, due = excluded.due,
       order_key = excluded.order_key, record_key = excluded.record_key,
       record_value = excluded.record_value, record_headers = excluded.record_headers,
       record_timestamp = excluded.record_timestamp, operation_id = excluded.operation_id,
       dead_at = NULL, updated_at = clock_timestamp()
     WHERE e.state IN ('dead', 'done')
     RETURNING 1`,
    [
      ...namesOf(records),
      records.map(({ topicId }) => topicId),
      records.map(({ offset }) => offset),
      records.map(({ orderKey }) => orderKey),
      ...recordParameters(records.map(({ record }) => record)),
      subscriptionUid,
      id,
      new Date(),
    ],
  );
  return rows.length;
}
