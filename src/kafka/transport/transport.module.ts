import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { HealthRegistry } from '../../common/health/health-registry.js';
import type { ModuleName } from '../contracts/module-names.js';
import { EVENT_LOG, type EventLog } from '../log/event-log.js';
import { topicLogOf } from './follow/topic-log.js';
import { ModuleTransport } from './module-transport.js';
import { moduleTransportOf, requestClientOf, unitOfWorkOf } from './tokens.js';
import { TransportCore } from './transport-core.js';
import { TransportCoreModule } from './transport-core.module.js';
import { TransportRegistry } from './transport-registry.js';

/** What a module wants of the transport. */
export interface TransportOptions {
  readonly module: ModuleName;
  /** Gives it a RequestClient and a reply topic. */
  readonly sendsRequests?: boolean;
}

const transportProvider = ({ module, sendsRequests = false }: TransportOptions): Provider => ({
  provide: moduleTransportOf(module),
  useFactory: (
    core: TransportCore,
    registry: TransportRegistry,
    dataSource: DataSource,
    log: EventLog,
    health: HealthRegistry,
  ) => {
    const transport = new ModuleTransport({
      module,
      core,
      dataSource,
      log: topicLogOf(log),
      sendsRequests,
      closeAll: () => registry.close(),
    });
    registry.add(module, transport);
    health.register(`transport.${module}`, async () => transport.health());
    return transport;
  },
  inject: [TransportCore, TransportRegistry, getDataSourceToken(module), EVENT_LOG, HealthRegistry],
});

/**
 * A module's own server, consumer group, outbox, inbox and, when it sends requests, client. Needs
 * the module's data source (DatabaseModule.forModule) with `transportMigrations`.
 */
@Module({})
export class TransportModule {
  static forModule(options: TransportOptions): DynamicModule {
    const { module, sendsRequests = false } = options;
    const fromTransport = <T>(
      token: string,
      pick: (transport: ModuleTransport) => T,
    ): Provider => ({
      provide: token,
      useFactory: pick,
      inject: [moduleTransportOf(module)],
    });
    const providers = [
      transportProvider(options),
      fromTransport(unitOfWorkOf(module), ({ unitOfWork }) => unitOfWork),
      ...(sendsRequests
        ? [fromTransport(requestClientOf(module), (transport) => transport.requestClient)]
        : []),
    ];
    const tokens = [moduleTransportOf(module), unitOfWorkOf(module)];
    return {
      module: TransportModule,
      imports: [TransportCoreModule],
      providers,
      exports: sendsRequests ? [...tokens, requestClientOf(module)] : tokens,
    };
  }
}
