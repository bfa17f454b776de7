import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

import type { KeyState } from '../../../kafka/contracts/access.contracts.js';
import type { StateRow, StateSource } from '../../../kafka/transport/state/state-source.js';
import { stateOf } from '../domain/api-key-record.js';
import { PostgresKeyStore } from './postgres-key.store.js';

/** The truth that the state topic of keys is compared with. */
@Injectable()
export class KeyStateSource implements StateSource<KeyState> {
  constructor(private readonly store: PostgresKeyStore) {}

  async *rows(manager?: EntityManager): AsyncIterable<StateRow<KeyState>> {
    for await (const key of this.store.all(manager)) {
      yield { uid: key.uid, version: key.version, state: stateOf(key) };
    }
  }
}
