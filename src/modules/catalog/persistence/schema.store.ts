import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, MoreThan, type EntityManager } from 'typeorm';
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js';

import type { SchemaSubject, SchemaVersion } from '../domain/event-schema.js';
import { SchemaSubjectEntity } from './schema-subject.entity.js';
import { SchemaVersionEntity } from './schema-version.entity.js';

/** Schemas may be large: few at a time. */
const BATCH = 50;

/** TypeORM's type of a row cannot express open-ended JSON; the columns are the same. */
const rowOf = <Entity extends object>(row: Entity): QueryDeepPartialEntity<Entity> =>
  ({ ...row }) as QueryDeepPartialEntity<Entity>;

/** Schemas in Postgres. Methods with a manager run in its transaction. */
@Injectable()
export class SchemaStore {
  constructor(@InjectDataSource('catalog') private readonly dataSource: DataSource) {}

  async find(
    topicUid: string,
    type: string,
    manager: EntityManager = this.dataSource.manager,
  ): Promise<SchemaSubject | undefined> {
    return (await manager.findOneBy(SchemaSubjectEntity, { topicUid, type })) ?? undefined;
  }

  async findVersion(
    subjectUid: string,
    number: number,
    manager: EntityManager = this.dataSource.manager,
  ): Promise<SchemaVersion | undefined> {
    return (await manager.findOneBy(SchemaVersionEntity, { subjectUid, number })) ?? undefined;
  }

  /** Subjects of a topic, sorted by type. */
  async list(
    topicUid: string,
    limit: number,
    afterType: string | undefined,
  ): Promise<readonly SchemaSubject[]> {
    const after = afterType === undefined ? {} : { type: MoreThan(afterType) };
    return this.dataSource.manager.find(SchemaSubjectEntity, {
      where: { topicUid, ...after },
      order: { type: 'ASC' },
      take: limit,
    });
  }

  /** All subjects of a topic whose row the transaction has locked. */
  async ofTopic(manager: EntityManager, topicUid: string): Promise<readonly SchemaSubject[]> {
    return manager.findBy(SchemaSubjectEntity, { topicUid });
  }

  async insert(manager: EntityManager, subject: SchemaSubject): Promise<void> {
    await manager.insert(SchemaSubjectEntity, rowOf<SchemaSubjectEntity>(subject));
  }

  async update(manager: EntityManager, subject: SchemaSubject): Promise<void> {
    await manager.update(
      SchemaSubjectEntity,
      { uid: subject.uid },
      rowOf<SchemaSubjectEntity>(subject),
    );
  }

  async addVersion(manager: EntityManager, version: SchemaVersion): Promise<void> {
    await manager.insert(SchemaVersionEntity, rowOf<SchemaVersionEntity>(version));
  }

  /** Removes the schemas of a topic, all versions. */
  async removeOfTopic(manager: EntityManager, topicUid: string): Promise<void> {
    await manager.delete(SchemaSubjectEntity, { topicUid });
  }

  /** Every subject, in batches. */
  async *all(manager: EntityManager = this.dataSource.manager): AsyncIterable<SchemaSubject> {
    let after = '00000000-0000-0000-0000-000000000000';
    for (;;) {
      const rows = await manager.find(SchemaSubjectEntity, {
        where: { uid: MoreThan(after) },
        order: { uid: 'ASC' },
        take: BATCH,
      });
      yield* rows;
      if (rows.length < BATCH) return;
      after = rows.at(-1)!.uid;
    }
  }
}
