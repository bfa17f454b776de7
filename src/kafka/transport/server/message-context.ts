import { BaseRpcContext } from '@nestjs/microservices';
import type { EntityManager } from 'typeorm';
import type { UnitOfWorkTransaction } from '../outbox/transaction.js';

/** Facts of a message on its way to a handler. */
export interface MessageFacts {
  /** The contract's name, without the installation's prefix. */
  readonly contract: string;
  readonly partition: number;
  readonly offset: string;
  /** Record key as text; null: none. */
  readonly key: string | null;
  /** All headers as plain text, never parsed. */
  readonly headers: Readonly<Record<string, string>>;
  /** Which try of this event it is, from 1; requests: always 1. */
  readonly attempt: number;
  readonly correlationId?: string;
  /** Unix milliseconds after which nobody waits for the reply. */
  readonly deadline?: number;
  /** `Bearer …` of a public command. */
  readonly authorization?: string;
  readonly transaction?: UnitOfWorkTransaction;
}

/** What a Kafka handler gets by `@Ctx()`; guards get it by `switchToRpc().getContext()`. */
export class MessageContext extends BaseRpcContext<[MessageFacts]> {
  constructor(private readonly facts: MessageFacts) {
    super([facts]);
  }

  get contract(): string {
    return this.facts.contract;
  }
  get key(): string | null {
    return this.facts.key;
  }
  get headers(): Readonly<Record<string, string>> {
    return this.facts.headers;
  }
  get attempt(): number {
    return this.facts.attempt;
  }
  get correlationId(): string | undefined {
    return this.facts.correlationId;
  }
  /** Unix milliseconds; undefined for events. */
  get deadline(): number | undefined {
    return this.facts.deadline;
  }
  get authorization(): string | undefined {
    return this.facts.authorization;
  }

  /**
   * The transaction that holds this event's inbox row: what is written and published in it happens
   * once, with the event marked as handled. Only events have one.
   */
  get transaction(): UnitOfWorkTransaction {
    if (this.facts.transaction === undefined) {
      throw new Error(
        `${this.facts.contract} is a request; requests have no transaction of their own`,
      );
    }
    return this.facts.transaction;
  }

  /** TypeORM's manager of `transaction`. */
  get manager(): EntityManager {
    return this.transaction.manager;
  }
}
