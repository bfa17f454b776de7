import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { AuthModule } from './auth/auth.module.js';
import { CommonModule } from './common/common.module.js';
import { ConfigurationModule } from './config/configuration.module.js';
import type { Settings } from './config/settings.js';
import type { ModuleName } from './kafka/contracts/module-names.js';
import { LogModule } from './kafka/log/log.module.js';
import { StateTablesModule } from './kafka/transport/state/state-tables.module.js';

/** Loads a domain module's code; a process that does not run it never reads it. */
const domainModules: Readonly<Record<ModuleName, () => Promise<Type>>> = {
  access: async () => (await import('./modules/access/access.module.js')).AccessModule,
  catalog: async () => (await import('./modules/catalog/catalog.module.js')).CatalogModule,
  ingest: async () => (await import('./modules/ingest/ingest.module.js')).IngestModule,
  subscriptions: async () =>
    (await import('./modules/subscriptions/subscriptions.module.js')).SubscriptionsModule,
  streams: async () => (await import('./modules/streams/streams.module.js')).StreamsModule,
  webhooks: async () => (await import('./modules/webhooks/webhooks.module.js')).WebhooksModule,
};

/** The root: the libraries that every process needs, and the domain modules that it was told to run. */
@Module({})
export class AppModule {
  static async compose(settings: Settings): Promise<DynamicModule> {
    const chosen = await Promise.all(settings.modules.map((name) => domainModules[name]()));
    return {
      module: AppModule,
      imports: [
        ConfigurationModule.forRoot(settings),
        CommonModule,
        AuthModule,
        LogModule,
        StateTablesModule.forRoot(),
        ...chosen,
      ],
    };
  }
}
