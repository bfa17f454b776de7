import { setImmediate as nextTurn } from 'node:timers/promises';
import { Agent, type Dispatcher } from 'undici';
import { systemClock, type Clock } from '../../../common/clock.js';
import type { AddressGuard } from '../../../common/net/address-guard.js';
import type { CloudEvent } from '../../../events/cloud-event.js';
import type { AttemptResult } from '../domain/attempt-result.js';
import { payloadOf, type Payload } from '../domain/payload.js';
import { sign } from '../domain/signature.js';
import { WebhookSenderClosed } from '../domain/webhooks.errors.js';
import { Attempt } from './attempt.js';
import { AttemptsUnderWay } from './attempts-under-way.js';
import { guardedConnector } from './guarded-connector.js';
import { answerHeaderBytes, idleConnectionMs, longestIdleConnectionMs } from './send-limits.js';
import type { WebhookTarget } from './webhook-target.js';

/** One event for one target. */
export interface WebhookRequest {
  readonly target: WebhookTarget;
  /** `msg_…`: the same at every attempt. */
  readonly messageId: string;
  readonly event: CloudEvent;
  /** When Kafka took the record, unix milliseconds; negative: not known. */
  readonly recordedAtMs: number;
}

const createAgent = (guard: AddressGuard): Agent =>
  new Agent({
    connect: guardedConnector(guard),
    pipelining: 1,
    // The deadline of an attempt covers both.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: answerHeaderBytes,
    keepAliveTimeout: idleConnectionMs,
    keepAliveMaxTimeout: longestIdleConnectionMs,
  });

/**
 * Sends signed webhooks (Standard Webhooks 1.0) over pooled connections. Each attempt under way
 * has a connection of its own, which the next one to that origin takes over: nothing waits for
 * another's answer, even where many subscriptions share a host, so callers bound how many are
 * under way. An origin's pool goes when its last connection has been idle for some seconds.
 */
export class WebhookSender {
  private readonly agent: Agent;
  private closing: Promise<void> | undefined;
  private readonly abortable = new WeakMap<AbortSignal, AttemptsUnderWay>();

  constructor(
    guard: AddressGuard,
    private readonly clock: Clock = systemClock,
  ) {
    this.agent = createAgent(guard);
  }

  /**
   * Makes one attempt. Whatever the receiver or the network does becomes a result; an attempt
   * ends within the target's time-out.
   * @param signal breaks the attempt off; the promise then rejects with its reason, and whether
   *   the receiver has the event is not known
   * @throws WebhookSenderClosed
   */
  send(request: WebhookRequest, signal?: AbortSignal): Promise<AttemptResult> {
    const { target } = request;
    if (this.closing !== undefined) return Promise.reject(new WebhookSenderClosed());
    if (target.refusal !== undefined)
      return Promise.resolve({ outcome: 'refused', error: target.refusal, durationMs: 0 });
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    return new Promise((resolve, reject) => {
      const underWay = signal && this.underWay(signal);
      const attempt: Attempt = new Attempt(target.timeoutMs, this.clock, {
        settle: (result) => {
          underWay?.delete(attempt);
          resolve(result);
        },
        abandoned: reject,
      });
      underWay?.add(attempt);
      this.dispatch(request, attempt);
    });
  }

  /** Lets attempts under way end, closes all connections, and takes no more. */
  close(): Promise<void> {
    return (this.closing ??= this.closeAgent());
  }

  private async closeAgent(): Promise<void> {
    // After the attempts that were made in this turn of the loop.
    await nextTurn();
    await this.agent.close();
  }

  private underWay(signal: AbortSignal): AttemptsUnderWay {
    let attempts = this.abortable.get(signal);
    if (attempts === undefined) {
      attempts = new AttemptsUnderWay(signal);
      this.abortable.set(signal, attempts);
    }
    return attempts;
  }

  private dispatch(request: WebhookRequest, attempt: Attempt): void {
    const { target, event, recordedAtMs } = request;
    const payload = payloadOf(target.payload, event, recordedAtMs);
    const post: Dispatcher.DispatchOptions = {
      origin: target.origin,
      path: target.path,
      method: 'POST',
      headers: this.headersOf(request, payload),
      body: payload.body,
    };
    // A connection is free again only after the loop's turn that ended its answer. Who sends on
    // at once would open a second one beside each.
    setImmediate(() => {
      if (!attempt.ended) this.agent.dispatch(post, attempt);
    });
  }

  private headersOf({ target, messageId }: WebhookRequest, payload: Payload): string[] {
    const timestamp = Math.floor(this.clock.now().getTime() / 1_000);
    const headers = [
      'webhook-id',
      messageId,
      'webhook-timestamp',
      String(timestamp),
      'webhook-signature',
      sign(target.secrets, messageId, timestamp, payload.body),
    ];
    if (payload.contentType !== undefined) headers.push('content-type', payload.contentType);
    return headers.concat(target.headers, payload.headers);
  }
}
