import { Module } from '@nestjs/common';

import { DatabaseModule } from '../../database/database.module.js';
import { schemasState, topicsState } from '../../kafka/contracts/catalog.contracts.js';
import { transportMigrations } from '../../kafka/transport/persistence/transport-migrations.js';
import { stateSourceOf } from '../../kafka/transport/tokens.js';
import { TransportModule } from '../../kafka/transport/transport.module.js';
import { SchemasController } from './http/schemas.controller.js';
import { TopicsController } from './http/topics.controller.js';
import { TopicCommands } from './kafka/topic-commands.js';
import { TopicWatch } from './kafka/topic-watch.js';
import { CreateCatalog1795400100000 } from './persistence/migrations/1795400100000-create-catalog.js';
import { SchemaStateSource } from './persistence/schema-state.source.js';
import { SchemaSubjectEntity } from './persistence/schema-subject.entity.js';
import { SchemaVersionEntity } from './persistence/schema-version.entity.js';
import { SchemaStore } from './persistence/schema.store.js';
import { TopicStateSource } from './persistence/topic-state.source.js';
import { TopicEntity } from './persistence/topic.entity.js';
import { TopicStore } from './persistence/topic.store.js';
import { ChangeTopic } from './use-cases/change-topic.js';
import { CreateTopic } from './use-cases/create-topic.js';
import { DeleteTopic } from './use-cases/delete-topic.js';
import { GetSchema } from './use-cases/get-schema.js';
import { GetTopic } from './use-cases/get-topic.js';
import { KafkaTopics } from './use-cases/kafka-topics.js';
import { ListSchemas } from './use-cases/list-schemas.js';
import { ListTopics } from './use-cases/list-topics.js';
import { PutSchema } from './use-cases/put-schema.js';
import { PutTopic } from './use-cases/put-topic.js';
import { ReconcileTopics } from './use-cases/reconcile-topics.js';
import { RefreshTopic } from './use-cases/refresh-topic.js';
import { TopicIntents } from './use-cases/topic-intents.js';

/** Topics and the schemas of their events. */
@Module({
  imports: [
    DatabaseModule.forModule({
      module: 'catalog',
      entities: [TopicEntity, SchemaSubjectEntity, SchemaVersionEntity],
      migrations: [...transportMigrations, CreateCatalog1795400100000],
    }),
    TransportModule.forModule({ module: 'catalog', sendsRequests: true }),
  ],
  controllers: [TopicsController, SchemasController, TopicCommands],
  providers: [
    ChangeTopic,
    CreateTopic,
    DeleteTopic,
    GetSchema,
    GetTopic,
    KafkaTopics,
    ListSchemas,
    ListTopics,
    PutSchema,
    PutTopic,
    ReconcileTopics,
    RefreshTopic,
    SchemaStore,
    TopicIntents,
    TopicStore,
    TopicWatch,
    SchemaStateSource,
    TopicStateSource,
    { provide: stateSourceOf(schemasState), useExisting: SchemaStateSource },
    { provide: stateSourceOf(topicsState), useExisting: TopicStateSource },
  ],
})
export class CatalogModule {}
