import type { DataSource } from 'typeorm';

import type { AttemptFault, DeadLetterSummary } from '../../kafka/contracts/delivery-shapes.js';
import type { EventSummary, KeptRecord } from '../core/checkpoint.js';
import { SETTLED } from './exception-ends.js';
import { RECORD_COLUMNS, recordOf, type RecordColumns } from './kept-records.js';
import { isRowId } from './row-id.js';
import { PASSED, PLACED } from './sweep-done.js';

/** Where an event was read. */
export interface EventPlace {
  readonly topic: string;
  /** Kafka's id of the topic that the offset belongs to. */
  readonly topicId: string;
  readonly partition: number;
  readonly offset: number;
}

/** A dead letter with the event that it keeps. */
export interface DeadLetter {
  readonly summary: DeadLetterSummary;
  readonly place: EventPlace;
  readonly record: KeptRecord;
}

/** A place in a list of dead letters: behind those that died before it. */
export interface DeadLetterPosition {
  readonly deadAt: Date;
  readonly id: string;
}

/** Before all dead letters. */
export const FIRST_DEAD: DeadLetterPosition = { deadAt: new Date(0), id: '0' };

/**
 * Dead letters of subscriptions, for those who ask. Ids are decimal; an event has its own from its
 * first failure on, so lists go by the time of death.
 */
export class DeadLetterStore {
  constructor(private readonly dataSource: DataSource) {}

  /** A page of a subscription's dead letters, oldest first, without their events. */
  async list(
    subscriptionUid: string,
    limit: number,
    after: DeadLetterPosition = FIRST_DEAD,
  ): Promise<readonly DeadLetterSummary[]> {
    const rows = await this.dataSource.query<SummaryRow[]>(
      `SELECT ${SUMMARY_COLUMNS} FROM exceptions e
       WHERE e.subscription_uid = $1 AND e.state = 'dead'
         AND (e.dead_at, e.id) > ($2::timestamptz, $3::bigint)
       ORDER BY e.dead_at, e.id LIMIT $4`,
      [subscriptionUid, after.deadAt, after.id, limit],
    );
    return rows.map(summaryOf);
  }

  /** One of a subscription's dead letters. */
  async find(subscriptionUid: string, id: string): Promise<DeadLetter | undefined> {
    if (!isRowId(id)) return undefined;
    const [row] = await this.dataSource.query<DeadLetterRow[]>(
      `SELECT ${SUMMARY_COLUMNS}, e.topic, e.topic_id, ${RECORD_COLUMNS} FROM exceptions e
       WHERE e.subscription_uid = $1 AND e.state = 'dead' AND e.id = $2::bigint`,
      [subscriptionUid, id],
    );
    const record = row && recordOf(row);
    return record && { summary: summaryOf(row), place: placeOf(row), record };
  }

  /**
   * Drops a dead letter for good. Where its event could be read again, a row stays that says that it
   * is settled, until `sweepDone`.
   * @returns false when there is none
   */
  async remove(subscriptionUid: string, id: string): Promise<boolean> {
    if (!isRowId(id)) return false;
    const [row] = await this.dataSource.query<{ removed: number }[]>(
      `WITH target AS (
         SELECT e.id, ${PASSED} AS passed FROM ${PLACED}
         WHERE e.subscription_uid = $1 AND e.id = $2::bigint AND e.state = 'dead' FOR UPDATE OF e
       ), dropped AS (
         DELETE FROM exceptions e USING target t WHERE e.id = t.id AND t.passed RETURNING e.id
       ), settled AS (
         UPDATE exceptions e SET ${SETTLED} FROM target t
         WHERE e.id = t.id AND t.passed IS NOT TRUE RETURNING e.id
       )
       SELECT (SELECT count(*) FROM dropped)::int + (SELECT count(*) FROM settled)::int AS removed`,
      [subscriptionUid, id],
    );
    return row!.removed > 0;
  }
}

const SUMMARY_COLUMNS = `e.id, e.partition, e."offset", e.attempts, e.dead_at, e.summary, e.error`;

interface SummaryRow {
  readonly id: string;
  readonly partition: number;
  readonly offset: string;
  readonly attempts: number;
  readonly dead_at: Date;
  readonly summary: EventSummary;
  readonly error: AttemptFault;
}

interface DeadLetterRow extends SummaryRow, RecordColumns {
  readonly topic: string;
  readonly topic_id: string;
}

const summaryOf = (row: SummaryRow): DeadLetterSummary => ({
  ...row.summary,
  id: row.id,
  partition: row.partition,
  offset: Number(row.offset),
  attempts: row.attempts,
  deadAt: row.dead_at.toISOString(),
  error: row.error,
});

const placeOf = (row: DeadLetterRow): EventPlace => ({
  topic: row.topic,
  topicId: row.topic_id,
  partition: row.partition,
  offset: Number(row.offset),
});
