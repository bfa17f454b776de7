import { Logger } from '@nestjs/common';
import type { MessageHandler } from '@nestjs/microservices';
import type { RequestContract } from '../../contracts/contract.js';
import {
  ContractViolated,
  DeadlinePassed,
  MessageNotAuthentic,
  ReplyInvalid,
} from '../transport.errors.js';
import { within } from '../within.js';
import { assertFits, parseValue } from '../wire/contract-schemas.js';
import { headerNames } from '../wire/header-names.js';
import type { MessageSigner } from '../wire/message-signer.js';
import { signedRequestParts } from '../wire/signed-request.js';
import { toErrorOnWire } from '../wire/wire-error.js';
import type { ConsumedRecord } from './consumed-record.js';
import { DEFAULT_PATIENCE_MS, deadlineOf, patienceMs } from './deadline.js';
import { invokeHandler } from './invoke-handler.js';
import { MessageContext } from './message-context.js';
import { replyAddressOf, type Outcome, type ReplySender } from './reply-sender.js';

/** A request's handler with its contract. */
export interface RequestRoute {
  readonly contract: RequestContract<unknown, unknown>;
  readonly handler: MessageHandler;
}

/**
 * Answers requests. A request is tried once: its sender has a deadline and decides what to do. Late
 * requests are not executed, and internal ones without the installation's signature neither.
 */
export class RequestProcessor {
  private readonly logger = new Logger(RequestProcessor.name);

  constructor(
    private readonly replies: ReplySender,
    private readonly signer: MessageSigner,
  ) {}

  /** Executes and answers. Never rejects: every outcome is an answer. */
  async process(route: RequestRoute, record: ConsumedRecord): Promise<void> {
    const address = replyAddressOf(record.headers);
    const outcome = await this.outcomeOf(route, record);
    if ('error' in outcome) this.report(route.contract.name, outcome.error);
    if (address === undefined) return;
    // An answer that says "too late" may be late as well; others end with the asker's patience.
    const deadline = Math.max(replyUntil(record), Date.now() + 1_000);
    await this.replies.reply(address, outcome, deadline);
  }

  private async outcomeOf(route: RequestRoute, record: ConsumedRecord): Promise<Outcome> {
    try {
      return { result: await this.execute(route, record) };
    } catch (error) {
      return { error };
    }
  }

  private async execute(
    { contract, handler }: RequestRoute,
    record: ConsumedRecord,
  ): Promise<unknown> {
    const { headers } = record;
    const deadline = deadlineOf(headers[headerNames.deadline], record.timestamp);
    const late = () =>
      new DeadlinePassed(`${contract.name} came or ended after its deadline.`, { deadline });
    const leftMs = patienceMs(deadline, Date.now());
    if (leftMs <= 0) throw late();
    this.assertAuthentic(contract, record);
    const payload = parseValue(contract.name, record.value);
    assertFits(contract.name, contract.schema, payload);
    const context = new MessageContext({
      contract: contract.name,
      partition: record.partition,
      offset: String(record.offset),
      key: record.key?.toString('utf8') ?? null,
      headers,
      attempt: 1,
      correlationId: headers[headerNames.correlationId],
      deadline,
      authorization: headers[headerNames.authorization],
    });
    const reply = await within(leftMs, invokeHandler(handler, payload, context), late);
    assertReply(contract, reply);
    return reply;
  }

  private assertAuthentic(
    contract: RequestContract<unknown, unknown>,
    { headers, value }: ConsumedRecord,
  ): void {
    if (contract.access === 'public') return;
    const parts = signedRequestParts(contract.name, headers, value?.toString('utf8') ?? null);
    if (!this.signer.isValid(parts, headers[headerNames.signature])) {
      throw new MessageNotAuthentic(`${contract.name} is for Millrace's own modules.`);
    }
  }

  private report(contract: string, error: unknown): void {
    if (toErrorOnWire(error).kind === 'internal') this.logger.error(`${contract} failed`, error);
    else this.logger.debug(`${contract}: ${String(error)}`);
  }
}

function assertReply(contract: RequestContract<unknown, unknown>, reply: unknown): void {
  try {
    assertFits(contract.name, contract.replySchema, reply ?? null);
  } catch (cause) {
    if (!(cause instanceof ContractViolated)) throw cause;
    throw new ReplyInvalid(`The reply to ${contract.name} is wrong.`, cause.details, { cause });
  }
}

function replyUntil(record: ConsumedRecord): number {
  const deadline = Number(record.headers[headerNames.deadline]);
  return Number.isSafeInteger(deadline) ? deadline : record.timestamp + DEFAULT_PATIENCE_MS;
}
