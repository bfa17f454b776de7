import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';

import type { DeliveryGap, GapReason } from '../../../kafka/contracts/delivery-shapes.js';
import type { Gap, Position } from '../../../delivery/core/position.js';

/** A gap that a reader met in a partition that it holds. */
export interface MetGap {
  readonly subscriptionUid: string;
  readonly partition: number;
  readonly epoch: number;
  readonly gap: Gap;
  /** Where reading goes on. */
  readonly resumeAt: Position;
  /** The subscription's start in this partition, which counts while nothing is committed. */
  readonly startOffset: number;
  /** Number of the subscription's newest filter. */
  readonly filterRevision: number;
}

/** Durable record of events that were gone before a subscription read them. */
@Injectable()
export class GapStore {
  constructor(@InjectDataSource('streams') private readonly dataSource: DataSource) {}

  /**
   * Records a gap, joined with those of the same kind that it touches, and puts the committed
   * position right. After a cut or re-created log offsets start to mean other events, so the
   * lease's epoch is raised: a cursor from before can no longer be committed.
   * @returns the epoch to go on with; undefined when the lease was lost
   */
  async record(met: MetGap): Promise<number | undefined> {
    return this.dataSource.transaction(async (manager) => {
      await lockGroup(manager, met.subscriptionUid);
      const held = await holdsLease(manager, met);
      if (!held) return undefined;
      await joinGap(manager, met);
      if (met.gap.reason === 'expired') {
        await skipExpired(manager, met);
        return met.epoch;
      }
      await resetPosition(manager, met);
      return raiseEpoch(manager, met);
    });
  }

  /** A page of a subscription's gaps, oldest record first. */
  async list(
    subscriptionUid: string,
    limit: number,
    afterId: number,
  ): Promise<readonly { readonly id: number; readonly gap: DeliveryGap }[]> {
    const rows = await this.dataSource.query<GapRow[]>(
      `SELECT id, partition, from_offset, to_offset, reason, at FROM gaps
       WHERE subscription_uid = $1 AND id > $2::bigint ORDER BY id LIMIT $3`,
      [subscriptionUid, afterId, limit],
    );
    return rows.map((row) => ({
      id: Number(row.id),
      gap: {
        partition: row.partition,
        fromOffset: Number(row.from_offset),
        toOffset: Number(row.to_offset),
        reason: row.reason,
        at: row.at.toISOString(),
      },
    }));
  }
}

interface GapRow {
  readonly id: string;
  readonly partition: number;
  readonly from_offset: string;
  readonly to_offset: string;
  readonly reason: GapReason;
  readonly at: Date;
}

/** Keeps the group from being coordinated meanwhile, which gives epochs too. */
async function lockGroup(manager: EntityManager, subscriptionUid: string): Promise<void> {
  await manager.query(`SELECT 1 FROM groups WHERE subscription_uid = $1 FOR UPDATE`, [
    subscriptionUid,
  ]);
}

async function holdsLease(manager: EntityManager, met: MetGap): Promise<boolean> {
  const rows = await manager.query<unknown[]>(
    `SELECT 1 FROM leases
     WHERE subscription_uid = $1 AND partition = $2 AND epoch = $3 FOR UPDATE`,
    [met.subscriptionUid, met.partition, met.epoch],
  );
  return rows.length > 0;
}

async function joinGap(manager: EntityManager, met: MetGap): Promise<void> {
  const { subscriptionUid, partition, gap } = met;
  await manager.query(
    `WITH touched AS (
       DELETE FROM gaps
       WHERE subscription_uid = $1 AND partition = $2 AND topic_id = $3 AND reason = $4
         AND from_offset <= $6 AND to_offset >= $5
       RETURNING from_offset, to_offset
     )
     INSERT INTO gaps (subscription_uid, partition, topic_id, reason, from_offset, to_offset)
     SELECT $1, $2, $3, $4,
       LEAST($5::bigint, (SELECT min(from_offset) FROM touched)),
       GREATEST($6::bigint, (SELECT max(to_offset) FROM touched))`,
    [subscriptionUid, partition, gap.topicId, gap.reason, gap.from, gap.to],
  );
}

/** A committed position inside the gap moves to its end; one before it keeps its own gap to meet. */
async function skipExpired(manager: EntityManager, met: MetGap): Promise<void> {
  await manager.query(
    `UPDATE positions SET next_offset = $5, updated_at = clock_timestamp()
     WHERE subscription_uid = $1 AND partition = $2 AND topic_id = $3
       AND next_offset >= $4 AND next_offset < $5`,
    [met.subscriptionUid, met.partition, met.gap.topicId, met.gap.from, met.gap.to],
  );
}

async function resetPosition(manager: EntityManager, met: MetGap): Promise<void> {
  const { subscriptionUid, partition, resumeAt, startOffset, filterRevision, epoch } = met;
  await manager.query(
    `INSERT INTO positions
       (subscription_uid, partition, topic_id, next_offset, epoch, filter_revision)
     VALUES ($1, $2, $3, LEAST($4::bigint, $5::bigint), $6, $7)
     ON CONFLICT (subscription_uid, partition) DO UPDATE
     SET topic_id = excluded.topic_id, epoch = excluded.epoch, updated_at = clock_timestamp(),
       next_offset = CASE WHEN positions.topic_id = excluded.topic_id
         THEN LEAST(positions.next_offset, $4::bigint) ELSE $4::bigint END`,
    [
      subscriptionUid,
      partition,
      resumeAt.topicId,
      resumeAt.offset,
      startOffset,
      epoch,
      filterRevision,
    ],
  );
}

async function raiseEpoch(manager: EntityManager, met: MetGap): Promise<number> {
  await manager.query(
    `UPDATE leases SET epoch = epoch + 1 WHERE subscription_uid = $1 AND partition = $2`,
    [met.subscriptionUid, met.partition],
  );
  return met.epoch + 1;
}
