import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';

import { assignLeases } from '../domain/lease-assignment.js';
import type { JudgedPosition } from '../../../delivery/core/position.js';
import { INSTANCE_TTL_SECONDS } from './instance.store.js';

/** A partition that a reader may read now. */
export interface Claim {
  readonly partition: number;
  /** Raised whenever the partition goes to another reader. */
  readonly epoch: number;
  /** Where the committed cursor stands; null: nothing was committed yet. */
  readonly position: JudgedPosition | null;
}

/** One process's readers of one subscription. */
export interface LocalReaders {
  readonly subscriptionUid: string;
  readonly instanceId: string;
  /** All of the process's readers; one that is not named has left. */
  readonly readerIds: readonly string[];
  /** Those of them that come with the id of a reader that another process may have served. */
  readonly adopting: readonly string[];
  /** The topic's partition numbers. */
  readonly partitions: readonly number[];
}

/** What the process's readers hold after a coordination. */
export interface Coordination {
  readonly generation: number;
  readonly claims: ReadonlyMap<string, readonly Claim[]>;
  /** Readers that have gone on in another process. */
  readonly moved: readonly string[];
}

interface Lease {
  readonly partition: number;
  readonly epoch: number;
  readonly readerId: string | null;
}

/**
 * Partition leases of a subscription's readers. Every process computes the same assignment from
 * the same rows, under the group's row lock, and carries out only its own readers' part: it takes
 * what is free or held by its own, and lets go what others shall have.
 */
@Injectable()
export class LeaseStore {
  constructor(@InjectDataSource('streams') private readonly dataSource: DataSource) {}

  /** Generations of groups; one that changed since the last coordination asks for another. */
  async generations(subscriptionUids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await this.dataSource.query<{ uid: string; generation: string }[]>(
      `SELECT subscription_uid AS uid, generation FROM groups WHERE subscription_uid = ANY($1)`,
      [subscriptionUids],
    );
    return new Map(rows.map(({ uid, generation }) => [uid, Number(generation)]));
  }

  /** Brings the process's readers into the group and shares the partitions anew. */
  async coordinate(local: LocalReaders): Promise<Coordination> {
    return this.dataSource.transaction(async (manager) => {
      const generation = await lockGroup(manager, local.subscriptionUid);
      const membersChanged = await syncReaders(manager, local);
      const readers = await readersOf(manager, local.subscriptionUid);
      const leases = await leasesOf(manager, local.subscriptionUid);
      const mine = local.readerIds.filter((id) => readers.get(id) === local.instanceId);
      const { changes, held } = planOf(local, new Set(mine), readers, leases);
      await writeLeases(manager, local.subscriptionUid, changes);
      const changed = membersChanged || changes.length > 0;
      if (changed) await bumpGeneration(manager, local.subscriptionUid);
      return {
        generation: generation + (changed ? 1 : 0),
        claims: await claimsOf(manager, local.subscriptionUid, mine, held),
        moved: local.readerIds.filter((id) => !mine.includes(id)),
      };
    });
  }
}

async function lockGroup(manager: EntityManager, uid: string): Promise<number> {
  await manager.query(`INSERT INTO groups (subscription_uid) VALUES ($1) ON CONFLICT DO NOTHING`, [
    uid,
  ]);
  const [row] = await manager.query<{ generation: string }[]>(
    `SELECT generation FROM groups WHERE subscription_uid = $1 FOR UPDATE`,
    [uid],
  );
  return Number(row!.generation);
}

async function bumpGeneration(manager: EntityManager, uid: string): Promise<void> {
  await manager.query(`UPDATE groups SET generation = generation + 1 WHERE subscription_uid = $1`, [
    uid,
  ]);
}

/** @returns whether a reader came, left or moved here */
async function syncReaders(manager: EntityManager, local: LocalReaders): Promise<boolean> {
  const { subscriptionUid, instanceId, readerIds, adopting } = local;
  await manager.query(
    `INSERT INTO instances (id, expires_at)
     VALUES ($1, clock_timestamp() + make_interval(secs => $2))
     ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at`,
    [instanceId, INSTANCE_TTL_SECONDS],
  );
  const [{ changes }] = await manager.query<[{ changes: number }]>(
    `WITH gone AS (
       DELETE FROM readers
       WHERE subscription_uid = $1 AND instance_id = $2 AND id <> ALL($3) RETURNING id
     ), come AS (
       INSERT INTO readers (subscription_uid, id, instance_id)
       SELECT $1, unnest($3::text[]), $2
       ON CONFLICT (subscription_uid, id) DO UPDATE SET instance_id = excluded.instance_id
       WHERE readers.id = ANY($4) AND readers.instance_id <> excluded.instance_id
       RETURNING id
     ) SELECT (SELECT count(*) FROM gone)::int + (SELECT count(*) FROM come)::int AS changes`,
    [subscriptionUid, instanceId, readerIds, adopting],
  );
  return changes > 0;
}

/** Reader ids with the process that serves them. */
async function readersOf(
  manager: EntityManager,
  uid: string,
): Promise<ReadonlyMap<string, string>> {
  const rows = await manager.query<{ id: string; instance: string }[]>(
    `SELECT id, instance_id AS instance FROM readers WHERE subscription_uid = $1`,
    [uid],
  );
  return new Map(rows.map(({ id, instance }) => [id, instance]));
}

async function leasesOf(manager: EntityManager, uid: string): Promise<readonly Lease[]> {
  const rows = await manager.query<
    { partition: number; epoch: string; reader_id: string | null }[]
  >(`SELECT partition, epoch, reader_id FROM leases WHERE subscription_uid = $1`, [uid]);
  return rows.map((row) => ({
    partition: row.partition,
    epoch: Number(row.epoch),
    readerId: row.reader_id,
  }));
}

interface Plan {
  readonly changes: readonly Lease[];
  /** Leases of the process's own readers after the changes. */
  readonly held: readonly Lease[];
}

function planOf(
  local: LocalReaders,
  mine: ReadonlySet<string>,
  readers: ReadonlyMap<string, string>,
  leases: readonly Lease[],
): Plan {
  const present = new Map(leases.map((lease) => [lease.partition, lease]));
  const held = new Map(
    leases.flatMap(({ partition, readerId }) =>
      readerId !== null && readers.has(readerId) ? [[partition, readerId] as const] : [],
    ),
  );
  const target = assignLeases(local.partitions, [...readers.keys()], held);
  const changes = local.partitions.flatMap((partition): readonly Lease[] => {
    const lease = present.get(partition) ?? { partition, epoch: 0, readerId: null };
    const holder = held.get(partition);
    const wanted = target.get(partition) ?? null;
    if (wanted === (holder ?? null) || (holder !== undefined && !mine.has(holder))) return [];
    if (wanted !== null && mine.has(wanted)) return [takenBy(wanted, lease)];
    return holder === undefined ? [] : [{ ...lease, readerId: null }];
  });
  const after = new Map([...present, ...changes.map((lease) => [lease.partition, lease] as const)]);
  const isMine = ({ readerId }: Lease): boolean => readerId !== null && mine.has(readerId);
  return { changes, held: [...after.values()].filter(isMine) };
}

/** A reader that comes back before anybody else had the partition goes on under its old epoch. */
const takenBy = (readerId: string, lease: Lease): Lease => ({
  ...lease,
  readerId,
  epoch: lease.readerId === readerId ? lease.epoch : lease.epoch + 1,
});

async function writeLeases(
  manager: EntityManager,
  uid: string,
  changes: readonly Lease[],
): Promise<void> {
  if (changes.length === 0) return;
  await manager.query(
    `INSERT INTO leases (subscription_uid, partition, epoch, reader_id)
     SELECT $1, * FROM unnest($2::int[], $3::bigint[], $4::text[])
     ON CONFLICT (subscription_uid, partition)
     DO UPDATE SET epoch = excluded.epoch, reader_id = excluded.reader_id`,
    [
      uid,
      changes.map(({ partition }) => partition),
      changes.map(({ epoch }) => epoch),
      changes.map(({ readerId }) => readerId),
    ],
  );
}

async function claimsOf(
  manager: EntityManager,
  uid: string,
  mine: readonly string[],
  held: readonly Lease[],
): Promise<ReadonlyMap<string, readonly Claim[]>> {
  const rows = await manager.query<PositionRow[]>(
    `SELECT partition, topic_id, next_offset, filter_revision FROM positions
     WHERE subscription_uid = $1`,
    [uid],
  );
  const positions = new Map(rows.map((row) => [row.partition, positionOf(row)]));
  const claimOf = ({ partition, epoch }: Lease): Claim => ({
    partition,
    epoch,
    position: positions.get(partition) ?? null,
  });
  return new Map(
    mine.map((id) => [id, held.filter(({ readerId }) => readerId === id).map(claimOf)]),
  );
}

interface PositionRow {
  readonly partition: number;
  readonly topic_id: string;
  readonly next_offset: string;
  readonly filter_revision: number;
}

const positionOf = ({ topic_id, next_offset, filter_revision }: PositionRow): JudgedPosition => ({
  topicId: topic_id,
  offset: Number(next_offset),
  filterRevision: filter_revision,
});
