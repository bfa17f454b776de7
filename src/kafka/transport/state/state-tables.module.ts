import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import type { StateContract } from '../../contracts/contract.js';
import { statesWithSource, stateTableOf } from '../tokens.js';
import { TransportCoreModule } from '../transport-core.module.js';
import { wantedStateTables } from './inject-state-table.decorator.js';
import { Reconciliation } from './reconciliation.js';
import { StateTables } from './state-tables.js';

const tableProvider = (contract: StateContract<unknown>): Provider => ({
  provide: stateTableOf(contract),
  useFactory: (tables: StateTables) => tables.of(contract).table,
  inject: [StateTables],
});

/**
 * The process's state tables, for all modules; import it once, after the code of all modules that
 * run is loaded: it serves the tables that this code wants injected.
 */
@Module({})
export class StateTablesModule {
  static forRoot(): DynamicModule {
    const wanted = [...new Set([...wantedStateTables(), ...statesWithSource()])];
    return {
      module: StateTablesModule,
      global: true,
      imports: [TransportCoreModule],
      providers: [StateTables, Reconciliation, ...wanted.map(tableProvider)],
      exports: [StateTables, ...wanted.map(stateTableOf)],
    };
  }
}
