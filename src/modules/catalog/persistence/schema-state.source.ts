import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

import type { SchemaState } from '../../../kafka/contracts/catalog.contracts.js';
import type { StateRow, StateSource } from '../../../kafka/transport/state/state-source.js';
import { schemaStateOf } from '../domain/event-schema.js';
import { SchemaStore } from './schema.store.js';

/** The truth that the state topic of schemas is compared with. */
@Injectable()
export class SchemaStateSource implements StateSource<SchemaState> {
  constructor(private readonly store: SchemaStore) {}

  async *rows(manager?: EntityManager): AsyncIterable<StateRow<SchemaState>> {
    for await (const subject of this.store.all(manager))
      yield { uid: subject.uid, version: subject.version, state: schemaStateOf(subject) };
  }
}
