import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';

import type { Cursor, CursorPosition } from '../domain/cursor.js';
import type { Position } from '../../../delivery/core/position.js';

/** What became of a commit. */
export interface CommitResult {
  readonly committed: readonly number[];
  /** Partitions that another reader has taken since the cursor was made. */
  readonly lost: readonly number[];
}

/** What is known of one partition of a subscription. */
export interface PartitionProgress {
  readonly partition: number;
  readonly position: Position | null;
  readonly leased: boolean;
}

/** Committed positions of subscriptions. */
@Injectable()
export class PositionStore {
  constructor(@InjectDataSource('streams') private readonly dataSource: DataSource) {}

  /**
   * Stores positions whose leases are still those under which they were read; one transaction. A
   * position never moves backwards here.
   */
  async commit(
    subscriptionUid: string,
    {
      topicId,
      filterRevision,
      positions,
    }: Pick<Cursor, 'topicId' | 'filterRevision' | 'positions'>,
  ): Promise<CommitResult> {
    return this.dataSource.transaction(async (manager) => {
      const epochs = await lockEpochs(manager, subscriptionUid, positions);
      const held = positions.filter(({ partition, epoch }) => epochs.get(partition) === epoch);
      const lost = positions.filter((position) => !held.includes(position));
      if (held.length > 0)
        await upsert(manager, subscriptionUid, { topicId, filterRevision, positions: held });
      return { committed: held.map(partitionOf), lost: lost.map(partitionOf) };
    });
  }

  /** Progress of all partitions that were ever leased or committed, and the number of readers. */
  async progress(
    subscriptionUid: string,
  ): Promise<{ readonly readers: number; readonly partitions: readonly PartitionProgress[] }> {
    const [{ readers }] = await this.dataSource.query<[{ readers: number }]>(
      `SELECT count(*)::int AS readers FROM readers WHERE subscription_uid = $1`,
      [subscriptionUid],
    );
    const rows = await this.dataSource.query<ProgressRow[]>(
      `SELECT partition, topic_id, next_offset, coalesce(leased, false) AS leased
       FROM (SELECT l.partition, r.id IS NOT NULL AS leased
             FROM leases l LEFT JOIN readers r
               ON r.subscription_uid = l.subscription_uid AND r.id = l.reader_id
             WHERE l.subscription_uid = $1) AS held
       FULL JOIN (SELECT partition, topic_id, next_offset
                  FROM positions WHERE subscription_uid = $1) AS stored USING (partition)`,
      [subscriptionUid],
    );
    return { readers, partitions: rows.map(progressOf) };
  }

  /** Forgets a subscription; repeating it, or an unknown one, is fine. */
  async forget(manager: EntityManager, subscriptionUid: string): Promise<void> {
    for (const table of ['groups', 'readers', 'leases', 'positions', 'gaps'])
      await manager.query(`DELETE FROM ${table} WHERE subscription_uid = $1`, [subscriptionUid]);
  }
}

interface ProgressRow {
  readonly partition: number;
  readonly topic_id: string | null;
  readonly next_offset: string | null;
  readonly leased: boolean;
}

const progressOf = ({ partition, topic_id, next_offset, leased }: ProgressRow) => ({
  partition,
  position: topic_id === null ? null : { topicId: topic_id, offset: Number(next_offset) },
  leased,
});

const partitionOf = ({ partition }: CursorPosition): number => partition;

/** The leases' epochs, locked against being taken over until the transaction ends. */
async function lockEpochs(
  manager: EntityManager,
  uid: string,
  positions: readonly CursorPosition[],
): Promise<ReadonlyMap<number, number>> {
  const rows = await manager.query<{ partition: number; epoch: string }[]>(
    `SELECT partition, epoch FROM leases WHERE subscription_uid = $1 AND partition = ANY($2)
     ORDER BY partition FOR SHARE`,
    [uid, positions.map(partitionOf)],
  );
  return new Map(rows.map(({ partition, epoch }) => [partition, Number(epoch)]));
}

async function upsert(
  manager: EntityManager,
  uid: string,
  { topicId, filterRevision, positions }: Pick<Cursor, 'topicId' | 'filterRevision' | 'positions'>,
): Promise<void> {
  await manager.query(
    `INSERT INTO positions (subscription_uid, partition, topic_id, next_offset, filter_revision, epoch)
     SELECT $1, partition, $2, next_offset, $3, epoch
     FROM unnest($4::int[], $5::bigint[], $6::bigint[]) AS p (partition, next_offset, epoch)
     ON CONFLICT (subscription_uid, partition) DO UPDATE
     SET next_offset = excluded.next_offset, filter_revision = excluded.filter_revision,
       epoch = excluded.epoch, updated_at = clock_timestamp()
     WHERE positions.topic_id = excluded.topic_id
       AND (positions.next_offset, positions.filter_revision)
         < (excluded.next_offset, excluded.filter_revision)`,
    [
      uid,
      topicId,
      filterRevision,
      positions.map(partitionOf),
      positions.map(({ offset }) => offset),
      positions.map(({ epoch }) => epoch),
    ],
  );
}
