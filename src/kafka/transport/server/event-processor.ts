import { Logger } from '@nestjs/common';
import type { MessageHandler } from '@nestjs/microservices';
import { setTimeout as pause } from 'node:timers/promises';
import type { EventContract } from '../../contracts/contract.js';
import type { DeadLetterWriter } from '../dead-letters/dead-letter-writer.js';
import { enterInInbox, messageIdOf } from '../inbox/inbox.js';
import type { UnitOfWork } from '../outbox/unit-of-work.js';
import { HandlerTimedOut } from '../transport.errors.js';
import { within } from '../within.js';
import { assertFits, parseValue } from '../wire/contract-schemas.js';
import type { ConsumedRecord } from './consumed-record.js';
import { invokeHandler } from './invoke-handler.js';
import { MessageContext } from './message-context.js';
import { afterFailure } from './retry-schedule.js';

const HANDLER_TIME_MS = 30_000;

/** An event's handler with its contract. */
export interface EventRoute {
  readonly contract: EventContract<unknown>;
  readonly handler: MessageHandler;
}

/**
 * Brings an event to its handler: once, as far as the database is concerned, because the inbox row
 * is in the handler's transaction. Failures are retried with back-off; then the event becomes a
 * dead letter before its offset moves.
 */
export class EventProcessor {
  private readonly logger = new Logger(EventProcessor.name);

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly deadLetters: DeadLetterWriter,
  ) {}

  /** Settles an event. Rejects only when `signal` aborts. */
  async process(route: EventRoute, record: ConsumedRecord, signal: AbortSignal): Promise<void> {
    let attempt = 1;
    for (let outages = 1; ; outages += 1) {
      try {
        await this.handleOnce(route, record, attempt);
        return;
      } catch (error) {
        signal.throwIfAborted();
        const next = afterFailure(error, attempt, outages);
        if (next.kind === 'dead-letter') {
          await this.deadLetters.write(record, route.contract.name, error, attempt, signal);
          return;
        }
        this.logger.warn(`${route.contract.name} failed, attempt ${attempt}: ${String(error)}`);
        await pause(next.waitMs, undefined, { signal });
        if (next.countsAsAttempt) attempt += 1;
        outages = next.countsAsAttempt ? 0 : outages;
      }
    }
  }

  /**
   * One try: inbox row and handler in one transaction; an event that is in the inbox is skipped.
   * @param inTheSameTransaction runs after the handler, also for a skipped event
   */
  async handleOnce(
    { contract, handler }: EventRoute,
    record: ConsumedRecord,
    attempt: number,
    inTheSameTransaction?: (context: MessageContext) => Promise<void>,
  ): Promise<void> {
    const payload = parseValue(contract.name, record.value);
    assertFits(contract.name, contract.schema, payload);
    const run = this.unitOfWork.runWithoutWaiting(async (transaction) => {
      const context = new MessageContext({
        contract: contract.name,
        partition: record.partition,
        offset: String(record.offset),
        key: record.key?.toString('utf8') ?? null,
        headers: record.headers,
        attempt,
        transaction,
      });
      if (await enterInInbox(transaction.manager, messageIdOf(record))) {
        await within(HANDLER_TIME_MS, invokeHandler(handler, payload, context), () => {
          return new HandlerTimedOut(`${contract.name} took longer than ${HANDLER_TIME_MS} ms.`);
        });
      }
      await inTheSameTransaction?.(context);
    });
    await run;
  }
}
