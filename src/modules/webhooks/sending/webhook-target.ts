import type { KeyObject } from 'node:crypto';
import { MillraceError } from '../../../common/errors/millrace-error.js';
import type { WebhookPayload } from '../../../kafka/contracts/webhook-settings.js';
import type { AttemptFault } from '../../../kafka/contracts/delivery-shapes.js';
import { checkCustomHeaders } from '../domain/custom-headers.js';
import { parseWebhookUrl } from '../domain/webhook-url.js';
import { userAgent } from './user-agent.js';

/** Where and how a subscription's webhooks are sent. */
export interface WebhookTargetSettings {
  readonly url: string;
  readonly payload: WebhookPayload;
  /** Headers that the subscription adds. */
  readonly headers: Readonly<Record<string, string>>;
  /** Newest first; each signs. */
  readonly secrets: readonly [KeyObject, ...KeyObject[]];
  /** For one attempt in all, from the connection to the end of the answer. */
  readonly timeoutSeconds: number;
}

/** Settings made ready for sending; kept for as long as the subscription's version lasts. */
export interface WebhookTarget {
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
  readonly payload: WebhookPayload;
  /** The same in each request, name and value in turn. */
  readonly headers: readonly string[];
  readonly secrets: readonly KeyObject[];
  readonly timeoutMs: number;
  /** Set: nothing can be sent there, and why. */
  readonly refusal?: AttemptFault;
}

const addressOf = (settings: WebhookTargetSettings): Pick<WebhookTarget, 'origin' | 'path'> => {
  const url = parseWebhookUrl(settings.url);
  checkCustomHeaders(settings.headers);
  return { origin: url.origin, path: url.pathname + url.search };
};

/**
 * Does once per version of a subscription what need not be done for every event. Never throws for
 * wrong settings: attempts at the target are then refused, so that events become dead letters
 * that tell why.
 */
export function prepareTarget(settings: WebhookTargetSettings): WebhookTarget {
  const { payload, secrets, timeoutSeconds } = settings;
  const headers = ['user-agent', userAgent, ...Object.entries(settings.headers).flat()];
  const target = { payload, headers, secrets, timeoutMs: timeoutSeconds * 1_000 };
  try {
    return { ...target, ...addressOf(settings) };
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    const { code, message } = error;
    return { ...target, origin: '', path: '', refusal: { code, message } };
  }
}
