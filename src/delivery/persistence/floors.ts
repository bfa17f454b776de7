import type { EntityManager } from 'typeorm';

import {
  nameOf,
  type ClaimedPartition,
  type PartitionCheckpoint,
  type PartitionName,
} from '../core/checkpoint.js';

/** Columns of partitions, for unnest($1::text[], $2::int[]). */
export const namesOf = (partitions: readonly PartitionName[]): [string[], number[]] => [
  partitions.map(({ topic }) => topic),
  partitions.map(({ partition }) => partition),
];

/** Sequences of the checkpoints that were stored before, by `nameOf` their partitions. */
export type StoredBefore = ReadonlyMap<string, number>;

/**
 * Stores the floors of partitions whose owner epoch is still the stored one, and locks these rows
 * until the transaction ends. Everybody locks them in the same order. A checkpoint that comes after
 * a newer one of its owner, because its connection was given up on, changes nothing.
 * @returns by `nameOf` the partitions that were stored, with the sequence of the checkpoint before
 */
export async function storeFloors(
  manager: EntityManager,
  checkpoints: readonly PartitionCheckpoint[],
): Promise<StoredBefore> {
  const [rows] = await manager.query<[(PartitionName & { readonly before: string })[], number]>(
    `WITH owned AS (
       SELECT topic, partition, c.topic_id, c.floor, c.leader_epoch, c.sequence,
         f.sequence AS before
       FROM partition_floors f
         JOIN unnest($1::text[], $2::int[], $3::bigint[], $4::text[], $5::bigint[], $6::int[],
             $7::bigint[])
           AS c (topic, partition, owner_epoch, topic_id, floor, leader_epoch, sequence)
           USING (topic, partition)
       WHERE f.owner_epoch = c.owner_epoch AND f.sequence < c.sequence
       ORDER BY topic, partition FOR NO KEY UPDATE OF f
     )
     UPDATE partition_floors f SET topic_id = o.topic_id, floor = o.floor,
       leader_epoch = o.leader_epoch, sequence = o.sequence, updated_at = clock_timestamp()
     FROM owned o WHERE f.topic = o.topic AND f.partition = o.partition
     RETURNING f.topic, f.partition, o.before`,
    [
      ...namesOf(checkpoints),
      checkpoints.map(({ ownerEpoch }) => ownerEpoch),
      checkpoints.map(({ topicId }) => topicId),
      checkpoints.map(({ floor }) => floor),
      checkpoints.map(({ leaderEpoch }) => leaderEpoch),
      checkpoints.map(({ sequence }) => sequence),
    ],
  );
  return new Map(rows.map((row) => [nameOf(row), Number(row.before)]));
}

/** A partition's epoch row after a claim. */
export type RaisedEpoch = Pick<ClaimedPartition, 'topic' | 'partition' | 'ownerEpoch' | 'stored'>;

/** Raises the owner epochs and locks the rows until the transaction ends. */
export async function raiseEpochs(
  manager: EntityManager,
  partitions: readonly PartitionName[],
): Promise<readonly RaisedEpoch[]> {
  const rows = await manager.query<FloorRow[]>(
    `INSERT INTO partition_floors AS f (topic, partition, owner_epoch)
     SELECT topic, partition, 1 FROM unnest($1::text[], $2::int[]) AS p (topic, partition)
     ORDER BY topic, partition
     ON CONFLICT (topic, partition)
     DO UPDATE SET owner_epoch = f.owner_epoch + 1, sequence = 0, updated_at = clock_timestamp()
     RETURNING topic, partition, topic_id, floor, leader_epoch, owner_epoch`,
    namesOf(partitions),
  );
  return rows.map(({ topic, partition, owner_epoch, ...row }) => ({
    topic,
    partition,
    ownerEpoch: Number(owner_epoch),
    stored: storedIn(row),
  }));
}

/** Lets no owner write these partitions, and nobody claim them, until the transaction ends. */
export async function shareFloors(
  manager: EntityManager,
  partitions: readonly PartitionName[],
): Promise<void> {
  await manager.query(
    `SELECT 1 FROM partition_floors f
       JOIN unnest($1::text[], $2::int[]) AS p (topic, partition) USING (topic, partition)
     ORDER BY topic, partition FOR SHARE OF f`,
    namesOf(partitions),
  );
}

interface FloorRow extends PartitionName {
  readonly topic_id: string | null;
  readonly floor: string | null;
  readonly leader_epoch: number | null;
  readonly owner_epoch: string;
}

const storedIn = (row: Omit<FloorRow, keyof PartitionName | 'owner_epoch'>) =>
  row.topic_id === null
    ? undefined
    : {
        topicId: row.topic_id,
        floor: Number(row.floor),
        leaderEpoch: row.leader_epoch ?? -1,
      };
