import type { SubscriptionKind } from '../../../kafka/contracts/subscriptions.contracts.js';
import {
  webhookLimits,
  type WebhookOrdering,
  type WebhookPayload,
} from '../../../kafka/contracts/webhook-settings.js';
import { requireHeaders } from './webhook-headers.js';
import { requireWebhookUrl } from './webhook-url.js';
import { WebhookMissing, WebhookScheduleInvalid, WebhookUnexpected } from './webhook.errors.js';

/** How a webhook is to be delivered: complete, and readable. The secret is not part of it. */
export interface WebhookDefinition {
  readonly url: string;
  readonly ordering: WebhookOrdering;
  readonly maxInFlight: number;
  readonly timeoutSeconds: number;
  readonly retry: {
    readonly scheduleSeconds: readonly number[];
    readonly jitter: number;
  };
  readonly payload: WebhookPayload;
  /** Extra request headers by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What a caller says of it, checked for its form only; null and undefined: the default. */
export interface WebhookInput {
  readonly url?: string | null;
  readonly ordering?: WebhookOrdering | null;
  readonly maxInFlight?: number | null;
  readonly timeoutSeconds?: number | null;
  readonly retry?: {
    readonly scheduleSeconds?: readonly number[] | null;
    readonly jitter?: number | null;
  } | null;
  readonly payload?: WebhookPayload | null;
  readonly headers?: Readonly<Record<string, unknown>> | null;
  readonly secret?: string;
}

/** What applies where nothing is said; the schedule is the one that Standard Webhooks proposes. */
export const webhookDefaults = {
  ordering: 'none',
  maxInFlight: 16,
  timeoutSeconds: 15,
  scheduleSeconds: [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400],
  jitter: 0.1,
  payload: 'standard',
} as const satisfies Record<string, unknown>;

function requireSchedule(pauses: readonly number[]): readonly number[] {
  const { scheduleEntries, scheduleSeconds } = webhookLimits;
  if (pauses.length > scheduleEntries.maximum)
    throw new WebhookScheduleInvalid(`has at most ${scheduleEntries.maximum} pauses`);
  const { minimum, maximum } = scheduleSeconds;
  const fits = (pause: number): boolean =>
    Number.isInteger(pause) && pause >= minimum && pause <= maximum;
  if (!pauses.every(fits))
    throw new WebhookScheduleInvalid(`has whole seconds from ${minimum} to ${maximum}`);
  return [...pauses];
}

/**
 * A complete definition out of what a caller says of a subscription of this kind; null for kinds
 * that have none.
 * @throws WebhookMissing, WebhookUnexpected, WebhookUrlInvalid, WebhookHeadersInvalid,
 *   WebhookScheduleInvalid
 */
export function designWebhook(
  kind: SubscriptionKind,
  input: WebhookInput | null,
): WebhookDefinition | null {
  if (kind === 'webhook') return complete(input);
  if (input !== null) throw new WebhookUnexpected(kind);
  return null;
}

function complete(input: WebhookInput | null): WebhookDefinition {
  if (input === null) throw new WebhookMissing();
  const defaults = webhookDefaults;
  return {
    url: requireWebhookUrl(input.url),
    ordering: input.ordering ?? defaults.ordering,
    maxInFlight: input.maxInFlight ?? defaults.maxInFlight,
    timeoutSeconds: input.timeoutSeconds ?? defaults.timeoutSeconds,
    retry: {
      scheduleSeconds: requireSchedule(input.retry?.scheduleSeconds ?? defaults.scheduleSeconds),
      jitter: input.retry?.jitter ?? defaults.jitter,
    },
    payload: input.payload ?? defaults.payload,
    headers: requireHeaders(input.headers ?? {}),
  };
}
