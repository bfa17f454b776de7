import type { DataSource } from 'typeorm';
import type { EventContract, StateContract } from '../../contracts/contract.js';
import type { OutboxRelay } from './outbox-relay.js';
import { appendToOutbox } from './outbox-store.js';
import type { OutgoingMessage, OutgoingMessages } from './outgoing-messages.js';
import type { UnitOfWorkTransaction } from './transaction.js';

const ACKNOWLEDGED_WITHIN_MS = 2_000;

/** Runs what must happen together: changes of the module's tables and the messages about them. */
export class UnitOfWork {
  constructor(
    private readonly dataSource: DataSource,
    private readonly messages: OutgoingMessages,
    private readonly relay: OutboxRelay,
  ) {}

  /**
   * Runs `work` in one Postgres transaction, and writes what it publishes into the outbox right
   * before the commit. Resolves once Kafka has acknowledged these messages, so that who is answered
   * afterwards can use what was made; after 2 s it resolves without that, and they are sent later.
   * @param options.within an open transaction (of an event handler) to take part in: `work` runs at
   * once, and the outer transaction commits and publishes
   */
  async run<T>(
    work: (transaction: UnitOfWorkTransaction) => Promise<T>,
    options: { readonly within?: UnitOfWorkTransaction } = {},
  ): Promise<T> {
    if (options.within !== undefined) return work(options.within);
    const { result, ids } = await this.commit(work);
    await this.relay.acknowledged(ids, ACKNOWLEDGED_WITHIN_MS);
    return result;
  }

  /**
   * Like `run`, but resolves right after the commit: for handlers, which nobody waits for. The
   * relay is woken.
   */
  async runWithoutWaiting<T>(work: (transaction: UnitOfWorkTransaction) => Promise<T>): Promise<T> {
    const { result, ids } = await this.commit(work);
    if (ids.length > 0) this.relay.wake();
    return result;
  }

  private commit<T>(
    work: (transaction: UnitOfWorkTransaction) => Promise<T>,
  ): Promise<{ readonly result: T; readonly ids: readonly string[] }> {
    return this.dataSource.transaction(async (manager) => {
      const outgoing: OutgoingMessage[] = [];
      const result = await work({
        manager,
        publishState: <State>(
          contract: StateContract<State>,
          uid: string,
          version: number,
          state: State | null,
        ) => void outgoing.push(this.messages.state(contract, uid, version, state)),
        publishEvent: <Payload>(contract: EventContract<Payload>, key: string, payload: Payload) =>
          void outgoing.push(this.messages.event(contract, key, payload)),
      });
      const ids = outgoing.length > 0 ? await appendToOutbox(manager, outgoing) : [];
      return { result, ids };
    });
  }
}
