import { Logger } from '@nestjs/common';
import type { MessageHandler } from '@nestjs/microservices';
import { setTimeout as pause } from 'node:timers/promises';
import type { EventContract } from '../../contracts/contract.js';
import type { DeadLetterWriter } from '../dead-letters/dead-letter-writer.js';
import { enterInInbox, messageIdOf } from '../inbox/inbox.js';
import type { EventOutcome } from '../metrics/transport-metrics.js';
import type { UnitOfWork } from '../outbox/unit-of-work.js';
import { HandlerTimedOut } from '../transport.errors.js';
import { within } from '../within.js';
import { assertFits, parseValue } from '../wire/contract-schemas.js';
import type { AttemptLog } from '../inbox/attempt-log.js';
import type { ConsumedRecord, Handling } from './consumed-record.js';
import { invokeHandler } from './invoke-handler.js';
import { MessageContext } from './message-context.js';
import { afterFailure } from './retry-schedule.js';

/** Shorter than a session of Postgres may be idle in a transaction: else that would be the error. */
const HANDLER_TIME_MS = 8_000;

/** An event's handler with its contract. */
export interface EventRoute {
  readonly contract: EventContract<unknown>;
  readonly handler: MessageHandler;
}

/** What events are handled with. */
export interface ProcessorParts {
  readonly unitOfWork: UnitOfWork;
  readonly deadLetters: DeadLetterWriter;
  readonly attempts: AttemptLog;
  /** Told of every try. */
  readonly count: (contract: string, outcome: EventOutcome) => void;
}

/**
 * Brings an event to its handler: once, as far as the database is concerned, because the inbox row
 * is in the handler's transaction. Failures are retried with back-off; then the event becomes a
 * dead letter before its offset moves.
 */
export class EventProcessor {
  private readonly logger = new Logger(EventProcessor.name);

  constructor(private readonly parts: ProcessorParts) {}

  /** Settles an event. Rejects only when `signal` aborts. */
  async process(
    route: EventRoute,
    record: ConsumedRecord,
    { signal, mayHaveBeenTried }: Handling,
  ): Promise<void> {
    const { deadLetters, attempts } = this.parts;
    const contract = route.contract.name;
    const count = attempts.countOf(messageIdOf(record), mayHaveBeenTried);
    for (let outages = 1; ; outages += 1) {
      try {
        await count.begin();
        const { attempt } = count;
        await this.handleOnce(route, record, attempt, ({ manager }) => count.end(manager));
        this.parts.count(contract, 'handled');
        return;
      } catch (error) {
        signal.throwIfAborted();
        const { attempt } = count;
        const next = afterFailure(error, attempt, outages);
        if (next.kind === 'dead-letter') {
          await deadLetters.write(record, contract, error, attempt, signal);
          this.parts.count(contract, 'dead-lettered');
          return;
        }
        this.parts.count(contract, 'failed');
        this.logger.warn(`${contract} failed, attempt ${attempt}: ${String(error)}`);
        await pause(next.waitMs, undefined, { signal });
        if (next.countsAsAttempt) count.advance();
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
    await this.parts.unitOfWork.runWithoutWaiting(async (transaction) => {
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
  }
}
