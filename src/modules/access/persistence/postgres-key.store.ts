import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { MoreThan, QueryFailedError, Repository, type EntityManager } from 'typeorm';

import { keysState } from '../../../kafka/contracts/access.contracts.js';
import { InjectUnitOfWork } from '../../../kafka/transport/outbox/inject-unit-of-work.decorator.js';
import { UnitOfWork } from '../../../kafka/transport/outbox/unit-of-work.js';
import { KeyExists, KeyNotFound } from '../domain/access.errors.js';
import { stateOf, type ApiKeyRecord } from '../domain/api-key-record.js';
import type { KeyStore } from '../domain/key-store.js';
import { KeyEntity } from './key.entity.js';

const FIRST_VERSION = 1;
const BATCH = 500;

/** A key's row with its version, for the state topic. */
export interface StoredKey extends ApiKeyRecord {
  readonly version: number;
}

/** Keys in Postgres; each change leaves with its state record in one transaction. */
@Injectable()
export class PostgresKeyStore implements KeyStore {
  constructor(
    @InjectRepository(KeyEntity, 'access') private readonly keys: Repository<KeyEntity>,
    @InjectUnitOfWork('access') private readonly unitOfWork: UnitOfWork,
  ) {}

  async add(key: ApiKeyRecord): Promise<void> {
    await this.unitOfWork.run(async ({ manager, publishState }) => {
      await manager
        .insert(KeyEntity, { ...key, version: FIRST_VERSION })
        .catch((error: unknown) => {
          throw isTaken(error) ? new KeyExists(key.id) : error;
        });
      publishState(keysState, key.uid, FIRST_VERSION, stateOf(key));
    });
  }

  async remove(id: string): Promise<void> {
    await this.unitOfWork.run(async ({ manager, publishState }) => {
      const key = await manager.findOne(KeyEntity, {
        where: { id },
        lock: { mode: 'pessimistic_write' },
      });
      if (!key) throw new KeyNotFound(id);
      await manager.delete(KeyEntity, { uid: key.uid });
      publishState(keysState, key.uid, key.version + 1, null);
    });
  }

  async find(id: string): Promise<ApiKeyRecord | undefined> {
    return (await this.keys.findOneBy({ id })) ?? undefined;
  }

  async list(limit: number, afterId: string | null): Promise<readonly ApiKeyRecord[]> {
    const where = afterId === null ? {} : { id: MoreThan(afterId) };
    return this.keys.find({ where, order: { id: 'ASC' }, take: limit });
  }

  /** Every key, in batches. */
  async *all(manager?: EntityManager): AsyncIterable<StoredKey> {
    const keys = manager?.getRepository(KeyEntity) ?? this.keys;
    let batch: readonly StoredKey[];
    let afterUid: string | undefined;
    do {
      const where = afterUid === undefined ? {} : { uid: MoreThan(afterUid) };
      batch = await keys.find({ where, order: { uid: 'ASC' }, take: BATCH });
      yield* batch;
      afterUid = batch.at(-1)?.uid;
    } while (batch.length === BATCH);
  }
}

/** Whether an insert met another key's id (Postgres' unique_violation). */
const isTaken = (error: unknown): boolean =>
  error instanceof QueryFailedError &&
  (error.driverError as { constraint?: string }).constraint === 'keys_id_unique';
