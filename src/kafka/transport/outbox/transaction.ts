import type { EntityManager } from 'typeorm';
import type { EventContract, StateContract } from '../../contracts/contract.js';

/**
 * One Postgres transaction and the messages that leave with it. Messages are written to the outbox
 * right before the commit, after every row lock that the work took: so two changes of one entity get
 * sequence numbers in the order of their versions.
 */
export interface UnitOfWorkTransaction {
  readonly manager: EntityManager;
  /**
   * Publishes an entity's full state, null for a deleted one. `version` starts at 1 and grows by 1
   * with each change made under the row's lock; a deletion has a version of its own too.
   * @throws ContractViolated when the state does not fit the contract
   * @throws OutboxRecordTooLarge
   */
  publishState<State>(
    contract: StateContract<State>,
    uid: string,
    version: number,
    state: State | null,
  ): void;
  /**
   * Publishes a domain event; `key` orders it among the events of the same key.
   * @throws ContractViolated when the payload does not fit the contract
   * @throws OutboxRecordTooLarge
   */
  publishEvent<Payload>(contract: EventContract<Payload>, key: string, payload: Payload): void;
}
