import { Inject, Injectable } from '@nestjs/common';
import type { KeyObject } from 'node:crypto';
import { CLOCK, type Clock } from '../../../common/clock.js';
import { MillraceError } from '../../../common/errors/millrace-error.js';
import { Sealer } from '../../../common/sealing/sealer.js';
import type {
  AttemptOutcome,
  DeliverableEvent,
  DeliveryPolicy,
  DeliveryTarget,
  DeliveryTargets,
} from '../../../delivery/engine/ports.js';
import type { SubscriptionState } from '../../../kafka/contracts/subscriptions.contracts.js';
import type { WebhookSettings } from '../../../kafka/contracts/webhook-settings.js';
import type { AttemptResult } from '../domain/attempt-result.js';
import { parseSecret } from '../domain/signature.js';
import { WebhookSender } from '../sending/webhook-sender.js';
import { prepareTarget, type WebhookTarget } from '../sending/webhook-target.js';
import { isWebhook, type WebhookSubscription } from './webhook-directory.js';

/** What an attempt may last beyond the receiver's own time-out. */
const MARGIN_MS = 2_000;

const policyOf = (webhook: WebhookSettings): DeliveryPolicy => ({
  ordered: webhook.ordering === 'key',
  maxInFlight: webhook.maxInFlight,
  schedule: {
    pausesMs: webhook.retry.scheduleSeconds.map((seconds) => seconds * 1_000),
    jitter: webhook.retry.jitter,
  },
  attemptTimeoutMs: webhook.timeoutSeconds * 1_000 + MARGIN_MS,
});

/** An opened secret, and until when it signs: Unix milliseconds. */
interface OpenedSecret {
  readonly key: KeyObject;
  readonly until: number;
}

/** Makes subscriptions ready to be sent to: opens their secrets and headers, once per version. */
@Injectable()
export class WebhookTargets implements DeliveryTargets {
  constructor(
    private readonly sender: WebhookSender,
    private readonly sealer: Sealer,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  prepare(subscription: SubscriptionState): DeliveryTarget {
    if (!isWebhook(subscription)) throw new TypeError(`${subscription.id} is no webhook.`);
    return new PreparedWebhook(subscription, this.sender, this.sealer, this.clock);
  }

  /** One attempt on its own, whatever the subscription's state. */
  send(
    subscription: WebhookSubscription,
    event: DeliverableEvent,
    signal: AbortSignal,
  ): Promise<AttemptResult> {
    return new PreparedWebhook(subscription, this.sender, this.sealer, this.clock).send(
      event,
      signal,
    );
  }
}

class PreparedWebhook implements DeliveryTarget {
  readonly policy: DeliveryPolicy;
  private readonly secrets: readonly OpenedSecret[] = [];
  private readonly headers: Readonly<Record<string, string>> = {};
  private readonly broken: MillraceError | undefined;
  private prepared: { readonly target: WebhookTarget; readonly until: number } | undefined;

  constructor(
    private readonly subscription: WebhookSubscription,
    private readonly sender: WebhookSender,
    sealer: Sealer,
    private readonly clock: Clock,
  ) {
    const { uid, webhook } = subscription;
    this.policy = policyOf(webhook);
    try {
      this.secrets = webhook.secrets.map(({ sealed, expiresAt }) => ({
        key: parseSecret(sealer.open(sealed, uid)),
        until: expiresAt === null ? Infinity : Date.parse(expiresAt),
      }));
      if (webhook.sealedHeaders !== null) {
        this.headers = JSON.parse(sealer.open(webhook.sealedHeaders, uid)) as Record<
          string,
          string
        >;
      }
    } catch (error) {
      // The installation has another key than the one that sealed: for operators to set right.
      if (!(error instanceof MillraceError)) throw error;
      this.broken = error;
    }
  }

  deliver(event: DeliverableEvent, signal: AbortSignal): Promise<AttemptOutcome> {
    return this.send(event, signal);
  }

  send(
    { event, messageId, timestamp }: DeliverableEvent,
    signal: AbortSignal,
  ): Promise<AttemptResult> {
    if (this.broken !== undefined) {
      const { code, message } = this.broken;
      const error = { code, message };
      return Promise.resolve({ outcome: 'failed', error, slowDown: false, durationMs: 0 });
    }
    const request = { target: this.target(), messageId, event, recordedAtMs: timestamp };
    return this.sender.send(request, signal);
  }

  /** Prepared again when a former secret has expired meanwhile. */
  private target(): WebhookTarget {
    const now = this.clock.now().getTime();
    if (this.prepared !== undefined && now < this.prepared.until) return this.prepared.target;
    const valid = this.secrets.filter(({ until }) => until > now);
    const [newest, ...others] = valid.length > 0 ? valid : this.secrets;
    if (newest === undefined) throw new TypeError('A webhook has at least one secret.');
    const { url, payload, timeoutSeconds } = this.subscription.webhook;
    const target = prepareTarget({
      url,
      payload,
      timeoutSeconds,
      headers: this.headers,
      secrets: [newest.key, ...others.map(({ key }) => key)],
    });
    this.prepared = { target, until: Math.min(...valid.map(({ until }) => until)) };
    return target;
  }
}
