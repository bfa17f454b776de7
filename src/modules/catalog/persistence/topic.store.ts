import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, MoreThan, Not, QueryFailedError, type EntityManager } from 'typeorm';

import { TopicBusy } from '../domain/catalog.errors.js';
import type { Topic } from '../domain/topic.js';
import { TopicEntity } from './topic.entity.js';

const UNIQUE_VIOLATION = '23505';
const BATCH = 500;

/** Which active topics a list shows, sorted by name. */
export interface TopicQuery {
  /** Set: only these names. */
  readonly names: readonly string[] | null;
  readonly afterName?: string;
  readonly limit: number;
}

/** Topics in Postgres. Methods with a manager run in its transaction. */
@Injectable()
export class TopicStore {
  constructor(@InjectDataSource('catalog') private readonly dataSource: DataSource) {}

  async find(name: string): Promise<Topic | undefined> {
    return (await this.dataSource.manager.findOneBy(TopicEntity, { name })) ?? undefined;
  }

  /** The topic, locked until the transaction ends. */
  async lock(manager: EntityManager, uid: string): Promise<Topic | undefined> {
    const lock = { mode: 'pessimistic_write' } as const;
    return (await manager.findOne(TopicEntity, { where: { uid }, lock })) ?? undefined;
  }

  async list(query: TopicQuery): Promise<readonly Topic[]> {
    const rows = this.dataSource.manager
      .createQueryBuilder(TopicEntity, 't')
      .where(`t.status = 'active'`)
      .orderBy('t.name')
      .limit(query.limit);
    if (query.names !== null) rows.andWhere('t.name = ANY(:names)', { names: query.names });
    if (query.afterName !== undefined) rows.andWhere('t.name > :after', { after: query.afterName });
    return rows.getMany();
  }

  /** Topics whose making or deleting was not finished. */
  async unfinished(): Promise<readonly Topic[]> {
    return this.dataSource.manager.find(TopicEntity, { where: { status: Not('active') } });
  }

  /** @throws TopicBusy when another request has just taken the name */
  async insert(manager: EntityManager, topic: Topic): Promise<void> {
    try {
      await manager.insert(TopicEntity, { ...topic });
    } catch (error) {
      if (error instanceof QueryFailedError && error.driverError.code === UNIQUE_VIOLATION)
        throw new TopicBusy(topic.name);
      throw error;
    }
  }

  async update(manager: EntityManager, topic: Topic): Promise<void> {
    await manager.update(TopicEntity, { uid: topic.uid }, { ...topic });
  }

  async remove(manager: EntityManager, uid: string): Promise<void> {
    await manager.delete(TopicEntity, { uid });
  }

  /** Every active topic, in batches. */
  async *all(manager: EntityManager = this.dataSource.manager): AsyncIterable<Topic> {
    let after = '00000000-0000-0000-0000-000000000000';
    for (;;) {
      const rows = await manager.find(TopicEntity, {
        where: { status: 'active', uid: MoreThan(after) },
        order: { uid: 'ASC' },
        take: BATCH,
      });
      yield* rows;
      if (rows.length < BATCH) return;
      after = rows.at(-1)!.uid;
    }
  }
}
