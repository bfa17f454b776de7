import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';

/** How long readers of a process that vanished keep their leases. */
export const INSTANCE_TTL_SECONDS = 4;

const EVICTION_LOCK = 'streams.evict';

/**
 * Which processes serve readers, by the database's clock: one row and one write a tick for each,
 * however many readers it has.
 */
@Injectable()
export class InstanceStore {
  constructor(@InjectDataSource('streams') private readonly dataSource: DataSource) {}

  /**
   * Says that the process is alive.
   * @returns whether others had given it up since the last time: its readers are gone then
   */
  async heartbeat(instanceId: string): Promise<{ readonly reborn: boolean }> {
    const [row] = await this.dataSource.query<{ reborn: boolean }[]>(
      `INSERT INTO instances (id, expires_at)
       VALUES ($1, clock_timestamp() + make_interval(secs => $2))
       ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at
       RETURNING xmax = 0 AS reborn`,
      [instanceId, INSTANCE_TTL_SECONDS],
    );
    return { reborn: row!.reborn };
  }

  /**
   * Gives up processes whose time ran out, with their readers. Groups are touched before
   * instances, in the order in which coordination locks them.
   */
  async evictExpired(): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      if (!(await this.isOnlyEvictor(manager))) return;
      const expired = await manager.query<{ id: string }[]>(
        `SELECT id FROM instances WHERE expires_at < clock_timestamp()`,
      );
      if (expired.length > 0)
        await this.evict(
          manager,
          expired.map(({ id }) => id),
        );
    });
  }

  /** A process that ends cleanly: its readers' partitions are free at once. */
  async leave(instanceId: string): Promise<void> {
    await this.dataSource.transaction((manager) => this.evict(manager, [instanceId], true));
  }

  private async isOnlyEvictor(manager: EntityManager): Promise<boolean> {
    const [row] = await manager.query<{ locked: boolean }[]>(
      `SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS locked`,
      [EVICTION_LOCK],
    );
    return row!.locked;
  }

  private async evict(
    manager: EntityManager,
    ids: readonly string[],
    evenIfAlive = false,
  ): Promise<void> {
    await manager.query(
      `UPDATE groups SET generation = generation + 1 WHERE subscription_uid IN (
         SELECT subscription_uid FROM readers WHERE instance_id = ANY($1))`,
      [ids],
    );
    await manager.query(
      `DELETE FROM instances WHERE id = ANY($1) AND ($2 OR expires_at < clock_timestamp())`,
      [ids, evenIfAlive],
    );
  }
}
