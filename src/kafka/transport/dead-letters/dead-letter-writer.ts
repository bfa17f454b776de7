import { Logger } from '@nestjs/common';
import type { IHeaders } from 'kafkajs';
import { setTimeout as pause } from 'node:timers/promises';
import type { InternalTopics } from '../connection/internal-topics.js';
import type { RecordSender } from '../connection/record-sender.js';
import { backOffMs } from '../server/back-off.js';
import type { ConsumedRecord } from '../server/consumed-record.js';
import { toErrorOnWire } from '../wire/wire-error.js';
import { toDeadLetterHeaders } from './dead-letter-headers.js';

/** Puts events that a module gives up on into its dead-letter topic. */
export class DeadLetterWriter {
  private readonly logger = new Logger(DeadLetterWriter.name);

  constructor(
    private readonly topic: string,
    private readonly module: string,
    private readonly topics: InternalTopics,
    private readonly sender: RecordSender,
  ) {}

  /**
   * Resolves when Kafka has the dead letter; tries until then, or until `signal` aborts (rejects).
   * The event's offset moves only afterwards, so a crash in between leaves two dead letters with
   * the same id, never none.
   */
  async write(
    record: ConsumedRecord,
    contract: string,
    error: unknown,
    attempts: number,
    signal: AbortSignal,
  ): Promise<void> {
    const reason = { ...toErrorOnWire(error), message: messageOf(error) };
    this.logger.error(
      `${this.module} gives up on an event of ${contract} after ${attempts} attempts: ${reason.message}`,
    );
    const headers: IHeaders = {
      ...record.rawHeaders,
      ...toDeadLetterHeaders(record, contract, reason, attempts),
    };
    const message = { key: record.key, value: record.value, headers };
    for (let failures = 1; ; failures += 1) {
      try {
        await this.topics.ensure(new Map([[this.topic, 'dead-letters']]));
        await this.sender.send([{ topic: this.topic, messages: [message] }]);
        return;
      } catch (failure) {
        this.topics.forget([this.topic]);
        this.logger.warn(`A dead letter cannot be written yet: ${String(failure)}`);
        await pause(backOffMs(failures), undefined, { signal });
      }
    }
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
