import { Inject } from '@nestjs/common';
import type { StateContract } from '../../contracts/contract.js';
import { stateTableOf } from '../tokens.js';

const wanted = new Map<string, StateContract<unknown>>();

/**
 * Injects the process's table of a state topic. Naming a contract here is what makes the process
 * read its topic.
 */
export function InjectStateTable<State>(
  contract: StateContract<State>,
): ParameterDecorator & PropertyDecorator {
  wanted.set(contract.name, contract);
  return Inject(stateTableOf(contract));
}

/** Contracts whose tables the code loaded so far wants injected. */
export const wantedStateTables = (): readonly StateContract<unknown>[] => [...wanted.values()];
