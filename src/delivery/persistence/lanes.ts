import type { EntityManager } from 'typeorm';

import type { BehindReason } from '../../kafka/contracts/delivery-shapes.js';
import type { LaneRow, PartitionCheckpoint, PartitionName } from '../core/checkpoint.js';
import { OF_KNOWN_SUBSCRIPTION } from './deleted-subscriptions.js';
import { namesOf } from './floors.js';
import { lastOfEach } from './last-of-each.js';

/** Stores the lanes of all partitions together. */
export async function storeLanes(
  manager: EntityManager,
  checkpoints: readonly PartitionCheckpoint[],
): Promise<void> {
  const lanes = lastOfEach(
    checkpoints.flatMap(({ topic, partition, lanes: rows }) =>
      rows.map((row) => ({ ...row, topic, partition })),
    ),
    ({ subscriptionUid, partition }) => `${subscriptionUid}/${partition}`,
  );
  if (lanes.length === 0) return;
  await manager.query(
    `INSERT INTO lanes
       (subscription_uid, topic, partition, from_offset, reason, halted_at, filter_revision)
     SELECT * FROM unnest($3::uuid[], $1::text[], $2::int[], $4::bigint[], $5::text[],
         $6::timestamptz[], $7::int[])
       AS w (subscription_uid, topic, partition, from_offset, reason, halted_at, filter_revision)
     WHERE ${OF_KNOWN_SUBSCRIPTION}
     ON CONFLICT (subscription_uid, partition) DO UPDATE
     SET topic = excluded.topic, from_offset = excluded.from_offset, reason = excluded.reason,
       halted_at = excluded.halted_at, filter_revision = excluded.filter_revision,
       updated_at = clock_timestamp()`,
    [
      ...namesOf(lanes),
      lanes.map(({ subscriptionUid }) => subscriptionUid),
      lanes.map(({ fromOffset }) => fromOffset),
      lanes.map(({ reason }) => reason),
      lanes.map(({ haltedAt }) => (haltedAt === null ? null : new Date(haltedAt))),
      lanes.map(({ filterRevision }) => filterRevision),
    ],
  );
}

/** A lane and the partition that it lies in. */
export interface StoredLane extends PartitionName {
  readonly lane: LaneRow;
}

/** All lanes of the partitions. */
export async function lanesOf(
  manager: EntityManager,
  partitions: readonly PartitionName[],
): Promise<readonly StoredLane[]> {
  const rows = await manager.query<StoredLaneRow[]>(
    `SELECT topic, partition, subscription_uid, from_offset, reason, halted_at, filter_revision
     FROM lanes JOIN unnest($1::text[], $2::int[]) AS p (topic, partition) USING (topic, partition)`,
    namesOf(partitions),
  );
  return rows.map((row) => ({ topic: row.topic, partition: row.partition, lane: laneOf(row) }));
}

interface StoredLaneRow extends PartitionName {
  readonly subscription_uid: string;
  readonly from_offset: string | null;
  readonly reason: BehindReason | null;
  readonly halted_at: Date | null;
  readonly filter_revision: number;
}

const laneOf = (row: StoredLaneRow): LaneRow => ({
  subscriptionUid: row.subscription_uid,
  fromOffset: row.from_offset === null ? null : Number(row.from_offset),
  reason: row.reason,
  haltedAt: row.halted_at?.getTime() ?? null,
  filterRevision: row.filter_revision,
});
