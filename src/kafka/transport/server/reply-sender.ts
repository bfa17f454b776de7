import { Logger } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import type { RecordSender } from '../connection/record-sender.js';
import { headerNames } from '../wire/header-names.js';
import { toErrorOnWire } from '../wire/wire-error.js';
import { backOffMs } from './back-off.js';

/** Where a request wants its reply. */
export interface ReplyAddress {
  readonly topic: string;
  readonly partition?: number;
  readonly correlationId: string;
}

/** What goes back: a result or an error. */
export type Outcome = { readonly result: unknown } | { readonly error: unknown };

/** The address in a request's headers; undefined: nobody waits for a reply. */
export function replyAddressOf(
  headers: Readonly<Record<string, string>>,
): ReplyAddress | undefined {
  const topic = headers[headerNames.replyTopic];
  const correlationId = headers[headerNames.correlationId];
  if (!topic || !correlationId) return undefined;
  const partition = Number(headers[headerNames.replyPartition] ?? Number.NaN);
  return Number.isSafeInteger(partition) && partition >= 0
    ? { topic, correlationId, partition }
    : { topic, correlationId };
}

const LONGEST_TRY_MS = 10_000;

/** Sends replies, in the form that Nest's Kafka client reads. */
export class ReplySender {
  private readonly logger = new Logger(ReplySender.name);

  constructor(private readonly sender: RecordSender) {}

  /**
   * Sends until it succeeds, the deadline has passed or 10 s are over, which is logged as an error: a
   * reply topic that does not exist must not hold up the requests of others.
   */
  async reply(address: ReplyAddress, outcome: Outcome, deadline: number): Promise<void> {
    const { topic, partition } = address;
    const until = Math.min(deadline, Date.now() + LONGEST_TRY_MS);
    const message = { key: null, partition, ...encode(address, outcome) };
    for (let failures = 1; ; failures += 1) {
      try {
        await this.sender.send([{ topic, messages: [message] }]);
        return;
      } catch (error) {
        const waitMs = backOffMs(failures);
        if (Date.now() + waitMs >= until) {
          this.logger.error(`A reply to ${topic} could not be sent: ${String(error)}`);
          return;
        }
        await pause(waitMs);
      }
    }
  }
}

function encode(address: ReplyAddress, outcome: Outcome) {
  const headers: Record<string, string> = {
    [headerNames.correlationId]: address.correlationId,
    [headerNames.disposed]: 'true',
  };
  if ('result' in outcome) return { headers, value: JSON.stringify(outcome.result ?? null) };
  headers[headerNames.error] = JSON.stringify(toErrorOnWire(outcome.error));
  return { headers, value: null };
}
