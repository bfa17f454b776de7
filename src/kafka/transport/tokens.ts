import type { StateContract } from '../contracts/contract.js';
import type { ModuleName } from '../contracts/module-names.js';

/**
 * Nest's transport id of a module's server. Handlers name it, so that each server registers only its
 * own module's handlers (two servers without ids would each register all: nest#13421).
 */
export const transportIdOf = (module: ModuleName): symbol =>
  Symbol.for(`millrace.transport.${module}`);

/** Injection token of a module's UnitOfWork. */
export const unitOfWorkOf = (module: ModuleName): string => `millrace.unit-of-work.${module}`;

/** Injection token of a module's RequestClient. */
export const requestClientOf = (module: ModuleName): string => `millrace.request-client.${module}`;

/** Injection token of a module's transport: server, outbox relay, client and dead letters. */
export const moduleTransportOf = (module: ModuleName): string => `millrace.transport.${module}`;

/** Injection token of the StateTable of a contract, by the contract's name. */
export const stateTableOf = (contract: { readonly name: string }): string =>
  `millrace.state-table.${contract.name}`;

const withSource = new Map<string, StateContract<unknown>>();

/**
 * Injection token by which an owner module provides the StateSource of its contract:
 * `{ provide: stateSourceOf(contract), useExisting: … }`. Naming it is what makes the process
 * compare the topic with the source.
 */
export function stateSourceOf<State>(contract: StateContract<State>): string {
  withSource.set(contract.name, contract);
  return `millrace.state-source.${contract.name}`;
}

/** Contracts whose source the code loaded so far has named. */
export const statesWithSource = (): readonly StateContract<unknown>[] => [...withSource.values()];
