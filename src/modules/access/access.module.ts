import { Module } from '@nestjs/common';

import { DatabaseModule } from '../../database/database.module.js';
import { keysState } from '../../kafka/contracts/access.contracts.js';
import { transportMigrations } from '../../kafka/transport/persistence/transport-migrations.js';
import { stateSourceOf } from '../../kafka/transport/tokens.js';
import { TransportModule } from '../../kafka/transport/transport.module.js';
import { KEY_STORE } from './domain/key-store.js';
import { KeysController } from './http/keys.controller.js';
import { KeysCommands } from './kafka/keys.commands.js';
import { KeyStateSource } from './persistence/key-state.source.js';
import { KeyEntity } from './persistence/key.entity.js';
import { Keys1780000100001 } from './persistence/migrations/keys.migration.js';
import { PostgresKeyStore } from './persistence/postgres-key.store.js';
import { CreateKey } from './use-cases/create-key.js';
import { GetKey } from './use-cases/get-key.js';
import { ListKeys } from './use-cases/list-keys.js';
import { RevokeKey } from './use-cases/revoke-key.js';

/** API keys: makes and revokes them, and tells every process which exist. */
@Module({
  imports: [
    DatabaseModule.forModule({
      module: 'access',
      entities: [KeyEntity],
      migrations: [...transportMigrations, Keys1780000100001],
    }),
    TransportModule.forModule({ module: 'access' }),
  ],
  controllers: [KeysController, KeysCommands],
  providers: [
    CreateKey,
    ListKeys,
    GetKey,
    RevokeKey,
    PostgresKeyStore,
    KeyStateSource,
    { provide: KEY_STORE, useExisting: PostgresKeyStore },
    { provide: stateSourceOf(keysState), useExisting: KeyStateSource },
  ],
})
export class AccessModule {}
