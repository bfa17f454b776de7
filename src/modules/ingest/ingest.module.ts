import { Module } from '@nestjs/common';

import { DatabaseModule } from '../../database/database.module.js';
import { transportMigrations } from '../../kafka/transport/persistence/transport-migrations.js';
import { TransportModule } from '../../kafka/transport/transport.module.js';
import { PublishHttpRoute } from './http/publish-route.js';
import { PublishHandler } from './kafka/publish.handler.js';
import { CompiledSchemas } from './use-cases/compiled-schemas.js';
import { PublishEvents } from './use-cases/publish-events.js';
import { PublishMetrics } from './use-cases/publish-metrics.js';

/** Takes events in. Publishing itself touches no database: the schema is its transport's. */
@Module({
  imports: [
    DatabaseModule.forModule({
      module: 'ingest',
      entities: [],
      migrations: [...transportMigrations],
    }),
    TransportModule.forModule({ module: 'ingest' }),
  ],
  controllers: [PublishHandler],
  providers: [CompiledSchemas, PublishMetrics, PublishEvents, PublishHttpRoute],
})
export class IngestModule {}
