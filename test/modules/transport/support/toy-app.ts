import { Global, Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { CommonModule } from '../../../../src/common/common.module.js';
import { HealthRegistry } from '../../../../src/common/health/health-registry.js';
import { configureHttp } from '../../../../src/common/http/configure-http.js';
import { httpAdapter } from '../../../../src/common/http/http-adapter.js';
import { ConfigurationModule } from '../../../../src/config/configuration.module.js';
import type { Settings } from '../../../../src/config/settings.js';
import { DatabaseModule } from '../../../../src/database/database.module.js';
import type { ModuleName } from '../../../../src/kafka/contracts/module-names.js';
import { LogModule } from '../../../../src/kafka/log/log.module.js';
import type { RequestClient } from '../../../../src/kafka/transport/client/request-client.js';
import {
  connectTransports,
  startTransports,
} from '../../../../src/kafka/transport/connect-transports.js';
import type { ModuleTransport } from '../../../../src/kafka/transport/module-transport.js';
import type { UnitOfWork } from '../../../../src/kafka/transport/outbox/unit-of-work.js';
import { transportMigrations } from '../../../../src/kafka/transport/persistence/transport-migrations.js';
import { InjectStateTable } from '../../../../src/kafka/transport/state/inject-state-table.decorator.js';
import { StateTable } from '../../../../src/kafka/transport/state/state-table.js';
import { StateTablesModule } from '../../../../src/kafka/transport/state/state-tables.module.js';
import {
  moduleTransportOf,
  requestClientOf,
  unitOfWorkOf,
} from '../../../../src/kafka/transport/tokens.js';
import { TransportModule } from '../../../../src/kafka/transport/transport.module.js';
import { alpha, beta, secrets, widgets, type Widget } from './toy-contracts.js';
import { AlphaController, BetaController, Script } from './toy-handlers.js';
import { CreateToyTables1780000000002, WidgetSource, widgetSourceProvider } from './toy-widgets.js';

/** Holds the process's tables for the tests. */
class Tables {
  constructor(
    @InjectStateTable(widgets) readonly ofWidgets: StateTable<Widget>,
    @InjectStateTable(secrets) readonly ofSecrets: StateTable<Widget>,
  ) {}
}

@Global()
@Module({ providers: [Script, Tables], exports: [Script] })
class ToyCommonModule {}

const toyModule = (name: ModuleName): DynamicModule => {
  class ToyModule {}
  Module({})(ToyModule);
  return {
    module: ToyModule,
    imports: [
      DatabaseModule.forModule({
        module: name,
        entities: [],
        migrations: [...transportMigrations, CreateToyTables1780000000002],
      }),
      TransportModule.forModule({ module: name, sendsRequests: name === beta }),
    ],
    controllers: [name === alpha ? AlphaController : BetaController],
    providers: name === alpha ? [WidgetSource, widgetSourceProvider] : [],
  };
};

/** How a toy process is started. */
export interface ToyOptions {
  readonly databaseUrl: string;
  readonly prefix: string;
  readonly brokers?: readonly string[];
  readonly modules?: readonly ModuleName[];
  readonly encryptionKey?: Buffer;
}

const settingsOf = ({ databaseUrl, prefix, brokers, encryptionKey }: ToyOptions): Settings => ({
  http: { host: '127.0.0.1', port: 0 },
  modules: [],
  logLevel: 'silent',
  dataDir: '',
  adminKey: '',
  encryptionKey: encryptionKey ?? Buffer.alloc(32, 9),
  databaseUrl,
  kafka: { brokers: brokers ?? [process.env['MILLRACE_TEST_KAFKA']!], ssl: false, prefix },
});

/** A process that runs toy modules. */
export class ToyApp {
  private constructor(readonly app: NestFastifyApplication) {}

  static async start(options: ToyOptions): Promise<ToyApp> {
    const toy = await ToyApp.create(options);
    await startTransports(toy.app);
    return toy;
  }

  /** Composed and initialised, but its servers not started. */
  static async create(options: ToyOptions): Promise<ToyApp> {
    const root = {
      module: class Root {},
      imports: [
        ConfigurationModule.forRoot(settingsOf(options)),
        CommonModule,
        LogModule,
        ToyCommonModule,
        StateTablesModule.forRoot(),
        ...(options.modules ?? [alpha, beta]).map(toyModule),
      ],
    };
    const app = await NestFactory.create<NestFastifyApplication>(root, httpAdapter(), {
      logger: process.env['TOY_LOG'] ? ['error', 'warn', 'log', 'debug'] : false,
      abortOnError: false,
    });
    configureHttp(app);
    connectTransports(app);
    await app.init();
    return new ToyApp(app);
  }

  get script(): Script {
    return this.app.get(Script, { strict: false });
  }

  get tables(): Tables {
    return this.app.get(Tables, { strict: false });
  }

  get health(): HealthRegistry {
    return this.app.get(HealthRegistry, { strict: false });
  }

  unitOfWork(module: ModuleName): UnitOfWork {
    return this.app.get<UnitOfWork>(unitOfWorkOf(module), { strict: false });
  }

  get client(): RequestClient {
    return this.app.get<RequestClient>(requestClientOf(beta), { strict: false });
  }

  transport(module: ModuleName): ModuleTransport {
    return this.app.get<ModuleTransport>(moduleTransportOf(module), { strict: false });
  }

  dataSource(module: ModuleName): DataSource {
    return this.app.get<DataSource>(getDataSourceToken(module), { strict: false });
  }

  stop(): Promise<void> {
    return this.app.close();
  }
}
