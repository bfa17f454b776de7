import { newUid } from '../../../common/ids.js';
import type { HealthState } from '../../../common/health/health-registry.js';
import type { RequestContract } from '../../contracts/contract.js';
import type { ModuleName } from '../../contracts/module-names.js';
import type { InternalTopics, TopicPurpose } from '../connection/internal-topics.js';
import type { RecordSender } from '../connection/record-sender.js';
import type { TopicLog } from '../follow/topic-log.js';
import type { RequestOutcome, TransportMetrics } from '../metrics/transport-metrics.js';
import { RemoteError, RequestTimedOut, TransportUnavailable } from '../transport.errors.js';
import { assertFits } from '../wire/contract-schemas.js';
import { headerNames } from '../wire/header-names.js';
import type { MessageSigner } from '../wire/message-signer.js';
import { signedRequestParts } from '../wire/signed-request.js';
import type { TopicNames } from '../wire/topic-names.js';
import { ReplyInbox } from './reply-inbox.js';

/** What a module's requests go through. */
export interface ChannelParts {
  readonly module: ModuleName;
  readonly names: TopicNames;
  readonly topics: InternalTopics;
  readonly signer: MessageSigner;
  readonly sender: RecordSender;
  readonly metrics: TransportMetrics;
  readonly log: TopicLog;
}

/**
 * Sends requests and matches replies. Every instance reads the module's whole reply topic, without
 * a group: no partition has to be assigned before the first reply, and none can be lost.
 */
export class RequestChannel {
  private readonly replies: ReplyInbox;
  private readonly replyTopic: string;

  constructor(private readonly parts: ChannelParts) {
    this.replyTopic = parts.names.replies(parts.module);
    this.replies = new ReplyInbox(this.replyTopic, parts.log, parts.topics);
  }

  start(): void {
    this.replies.start();
  }

  stop(): Promise<void> {
    return this.replies.stop();
  }

  health(): HealthState {
    return this.replies.health();
  }

  /** One request and its reply; see RequestClient.request for the errors. */
  async exchange(
    contract: RequestContract<unknown, unknown>,
    payload: unknown,
    timeoutMs: number,
    authorization: string | undefined,
  ): Promise<unknown> {
    assertFits(contract.name, contract.schema, payload);
    const begun = performance.now();
    const ended = (outcome: RequestOutcome): void => {
      const seconds = (performance.now() - begun) / 1_000;
      this.parts.metrics.timeRequest(this.parts.module, contract.name, outcome, seconds);
    };
    const correlationId = newUid();
    const deadline = Date.now() + timeoutMs;
    const timedOut = () => new RequestTimedOut(contract.name, timeoutMs);
    const reply = this.replies.expect(correlationId, deadline, timedOut);
    try {
      // Whatever comes first: the reply can overtake Kafka's answer to the send.
      const answer = await Promise.race([
        reply,
        this.send(contract, payload, correlationId, deadline, authorization).then(() => reply),
      ]);
      ended('answered');
      return answer;
    } catch (thrown) {
      // The other side's "too late" and our own clock say the same.
      const error = isTooLate(thrown) ? timedOut() : thrown;
      ended(outcomeOf(error));
      throw error;
    } finally {
      this.replies.forget(correlationId);
    }
  }

  private async send(
    contract: RequestContract<unknown, unknown>,
    payload: unknown,
    correlationId: string,
    deadline: number,
    authorization: string | undefined,
  ): Promise<void> {
    const value = JSON.stringify(payload);
    const headers: Record<string, string> = {
      [headerNames.correlationId]: correlationId,
      [headerNames.replyTopic]: this.replyTopic,
      [headerNames.deadline]: String(deadline),
    };
    if (authorization !== undefined) headers[headerNames.authorization] = authorization;
    if (contract.access === 'internal') {
      const parts = signedRequestParts(contract.name, headers, value);
      headers[headerNames.signature] = this.parts.signer.sign(parts);
    }
    const topic = this.parts.names.of(contract);
    const purposes = new Map<string, TopicPurpose>([[topic, 'messages']]);
    try {
      await this.replies.listening();
      await this.parts.topics.ensure(purposes);
      await this.parts.sender.send([{ topic, messages: [{ key: null, value, headers }] }]);
    } catch (cause) {
      this.parts.topics.forget([topic]);
      throw new TransportUnavailable(`${contract.name} could not be sent.`, {}, { cause });
    }
  }
}

function outcomeOf(error: unknown): RequestOutcome {
  if (error instanceof RequestTimedOut) return 'timed-out';
  return error instanceof TransportUnavailable ? 'not-sent' : 'refused';
}

const isTooLate = (error: unknown): boolean =>
  error instanceof RemoteError && error.code === 'TRANSPORT.DEADLINE_PASSED';
