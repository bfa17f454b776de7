import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, MoreThan, QueryFailedError, type EntityManager } from 'typeorm';
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js';

import type { Subscription } from '../domain/subscription.js';
import { SubscriptionIdTaken } from '../domain/subscription.errors.js';
import { SubscriptionEntity } from './subscription.entity.js';

const UNIQUE_VIOLATION = '23505';
const BATCH = 500;

/** Which subscriptions a list shows, sorted by id. */
export interface SubscriptionQuery {
  /** Set: only this tenant's. */
  readonly tenant: string | null;
  /** Set: only these ids. */
  readonly ids: readonly string[] | null;
  /** Set: only those of these topics. */
  readonly topics: readonly string[] | null;
  readonly topic?: string;
  readonly afterId?: string;
  readonly limit: number;
}

/** TypeORM's type of a row cannot express open-ended JSON; the columns are the same. */
const rowOf = (subscription: Subscription): QueryDeepPartialEntity<SubscriptionEntity> =>
  ({ ...subscription }) as QueryDeepPartialEntity<SubscriptionEntity>;

/** Subscriptions in Postgres. Methods with a manager run in its transaction. */
@Injectable()
export class SubscriptionStore {
  constructor(@InjectDataSource('subscriptions') private readonly dataSource: DataSource) {}

  async findById(id: string): Promise<Subscription | undefined> {
    return (await this.dataSource.manager.findOneBy(SubscriptionEntity, { id })) ?? undefined;
  }

  async findByUid(uid: string): Promise<Subscription | undefined> {
    return (await this.dataSource.manager.findOneBy(SubscriptionEntity, { uid })) ?? undefined;
  }

  /** The subscription, locked until the transaction ends. */
  async lockById(manager: EntityManager, id: string): Promise<Subscription | undefined> {
    const lock = { mode: 'pessimistic_write' } as const;
    return (await manager.findOne(SubscriptionEntity, { where: { id }, lock })) ?? undefined;
  }

  /** As `lockById`, of the entity that messages name. */
  async lockByUid(manager: EntityManager, uid: string): Promise<Subscription | undefined> {
    const lock = { mode: 'pessimistic_write' } as const;
    return (await manager.findOne(SubscriptionEntity, { where: { uid }, lock })) ?? undefined;
  }

  async list(query: SubscriptionQuery): Promise<readonly Subscription[]> {
    const rows = this.dataSource.manager
      .createQueryBuilder(SubscriptionEntity, 's')
      .orderBy('s.id COLLATE "C"')
      .limit(query.limit);
    if (query.tenant !== null) rows.andWhere('s.tenant = :tenant', { tenant: query.tenant });
    if (query.ids !== null) rows.andWhere('s.id = ANY(:ids)', { ids: query.ids });
    if (query.topics !== null) rows.andWhere('s.topic = ANY(:topics)', { topics: query.topics });
    if (query.topic !== undefined) rows.andWhere('s.topic = :topic', { topic: query.topic });
    if (query.afterId !== undefined)
      rows.andWhere('s.id COLLATE "C" > :after', { after: query.afterId });
    return rows.getMany();
  }

  /** All subscriptions of a topic, locked until the transaction ends. */
  async lockByTopic(manager: EntityManager, topicUid: string): Promise<readonly Subscription[]> {
    const lock = { mode: 'pessimistic_write' } as const;
    return manager.find(SubscriptionEntity, { where: { topicUid }, lock, order: { uid: 'ASC' } });
  }

  async countByTopic(topicUid: string): Promise<number> {
    return this.dataSource.manager.countBy(SubscriptionEntity, { topicUid });
  }

  /** @throws SubscriptionIdTaken */
  async insert(manager: EntityManager, subscription: Subscription): Promise<void> {
    try {
      await manager.insert(SubscriptionEntity, rowOf(subscription));
    } catch (error) {
      if (error instanceof QueryFailedError && error.driverError.code === UNIQUE_VIOLATION)
        throw new SubscriptionIdTaken(subscription.id);
      throw error;
    }
  }

  async update(manager: EntityManager, subscription: Subscription): Promise<void> {
    await manager.update(SubscriptionEntity, { uid: subscription.uid }, rowOf(subscription));
  }

  async remove(manager: EntityManager, uid: string): Promise<void> {
    await manager.delete(SubscriptionEntity, { uid });
  }

  /** Every subscription, in batches of one query each. */
  async *all(manager: EntityManager = this.dataSource.manager): AsyncIterable<Subscription> {
    let after = '00000000-0000-0000-0000-000000000000';
    for (;;) {
      const where = { uid: MoreThan(after) };
      const rows = await manager.find(SubscriptionEntity, {
        where,
        order: { uid: 'ASC' },
        take: BATCH,
      });
      yield* rows;
      if (rows.length < BATCH) return;
      after = rows.at(-1)!.uid;
    }
  }
}
