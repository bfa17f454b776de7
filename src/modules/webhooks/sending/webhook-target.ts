import type { KeyObject } from 'node:crypto';
import type { WebhookPayload } from '../../../kafka/contracts/webhook-settings.js';
import type { AttemptFault } from '../../../kafka/contracts/delivery-shapes.js';
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

const UNUSABLE: AttemptFault = {
  code: 'WEBHOOKS.URL_INVALID',
  message: 'The URL is no http or https URL.',
};

/**
 * Does once per version of a subscription what need not be done for every event. URL and headers are
 * the definition's, whose owner has held them to the rules; a URL that is none all the same is no
 * reason to fail: attempts are refused, so that events become dead letters that tell why.
 */
export function prepareTarget(settings: WebhookTargetSettings): WebhookTarget {
  const { payload, secrets, timeoutSeconds } = settings;
  const headers = ['user-agent', userAgent, ...Object.entries(settings.headers).flat()];
  const target = { payload, headers, secrets, timeoutMs: timeoutSeconds * 1_000 };
  const url = URL.canParse(settings.url) ? new URL(settings.url) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    return { ...target, origin: '', path: '', refusal: UNUSABLE };
  }
  return { ...target, origin: url.origin, path: url.pathname + url.search };
}
