import {
  Inject,
  Logger,
  Module,
  type DynamicModule,
  Optional,
  type OnApplicationShutdown,
  type OnModuleInit,
  type Provider,
} from '@nestjs/common';
import { getDataSourceToken, getEntityManagerToken, getRepositoryToken } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { registerErrorTranslator } from '../common/errors/error-translators.js';
import { HealthRegistry } from '../common/health/health-registry.js';
import { SETTINGS, type Settings } from '../config/settings.js';
import { dataSourceOptions, type EntityClass, type ModuleSchema } from './data-source-options.js';
import { translateDatabaseError } from './database.errors.js';
import { migrateSchema } from './migrate-schema.js';
import { waitForPostgres } from './wait-for-postgres.js';

const OWN_DATA_SOURCE = Symbol('OwnDataSource');
const OWN_NAME = Symbol('OwnName');
const START_TIMEOUT_MS = 60_000;
const logger = new Logger('Database');

async function openDataSource(settings: Settings, schema: ModuleSchema): Promise<DataSource> {
  const url = settings.databaseUrl;
  await waitForPostgres(url, {
    timeoutMs: START_TIMEOUT_MS,
    onWaiting: (message) => logger.warn(message),
  });
  await migrateSchema(url, schema);
  const lost = (error: Error) =>
    logger.warn(`${schema.module} lost a connection to Postgres: ${error.message}`);
  return new DataSource(dataSourceOptions(url, schema, lost)).initialize();
}

const repository = (entity: EntityClass, module: string): Provider => ({
  provide: getRepositoryToken(entity, module),
  useFactory: (dataSource: DataSource) => dataSource.getRepository(entity),
  inject: [getDataSourceToken(module)],
});

/**
 * A domain module's part of Postgres: a schema of its own, named like the module, behind a data
 * source of its own. Opening it waits for Postgres (at most a minute), then migrates. Inject with
 * `@InjectDataSource('catalog')`, `@InjectEntityManager('catalog')` or
 * `@InjectRepository(TopicEntity, 'catalog')`. The pool replaces lost connections by itself.
 */
@Module({})
export class DatabaseModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(OWN_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(OWN_NAME) private readonly name: string,
    @Optional() private readonly health?: HealthRegistry,
  ) {}

  static forModule(schema: ModuleSchema): DynamicModule {
    const token = getDataSourceToken(schema.module);
    const shared: Provider[] = [
      {
        provide: token,
        useFactory: (settings: Settings) => openDataSource(settings, schema),
        inject: [SETTINGS],
      },
      {
        provide: getEntityManagerToken(schema.module),
        useFactory: (dataSource: DataSource) => dataSource.manager,
        inject: [token],
      },
      ...schema.entities.map((entity) => repository(entity, schema.module)),
    ];
    return {
      module: DatabaseModule,
      global: true,
      providers: [
        ...shared,
        { provide: OWN_DATA_SOURCE, useExisting: token },
        { provide: OWN_NAME, useValue: schema.module },
      ],
      exports: shared.map((provider) => ('provide' in provider ? provider.provide : provider)),
    };
  }

  onModuleInit(): void {
    registerErrorTranslator(translateDatabaseError);
    this.health?.register(`database.${this.name}`, async () => {
      await this.dataSource.query('SELECT 1').catch((error: unknown) => {
        throw translateDatabaseError(error);
      });
      return { ok: true };
    });
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }
}
