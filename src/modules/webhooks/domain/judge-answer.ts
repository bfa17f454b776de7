import type { AttemptResult } from './attempt-result.js';
import { parseRetryAfter } from './retry-after.js';

/** What a receiver answered. */
export interface Answer {
  /** 200 to 599; what came before as 1xx is no answer. */
  readonly status: number;
  readonly retryAfter?: string;
  /** The begin of its body. */
  readonly begin: Buffer;
}

const slowDownStatuses: ReadonlySet<number> = new Set([429, 502, 504]);

/** Bytes of a stranger as text that can be stored and shown: valid Unicode without controls. */
const asText = (bytes: Buffer): string | undefined => {
  // A letter that is cut at the end is left out.
  const text = new TextDecoder().decode(bytes, { stream: true });
  // oxlint-disable-next-line no-control-regex -- these are what is replaced
  return text === '' ? undefined : text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g, '\ufffd');
};

/**
 * The verdict of a status, as Standard Webhooks rules: only 2xx is a success, a redirect is a
 * failure (following it would leave the address that was checked), 410 ends the subscription.
 */
export function judgeAnswer(answer: Answer, durationMs: number, now: Date): AttemptResult {
  const { status } = answer;
  if (status >= 200 && status <= 299) return { outcome: 'delivered', status, durationMs };
  const shown = { status, answer: asText(answer.begin) };
  if (status === 410) {
    const message = 'The receiver answered 410: it is gone for good.';
    return {
      outcome: 'gone',
      error: { code: 'WEBHOOKS.GONE', message, ...shown },
      durationMs,
    };
  }
  const redirect = status >= 300 && status <= 399;
  const message = redirect
    ? `The receiver answered ${status}; redirects are not followed.`
    : `The receiver answered ${status}.`;
  return {
    outcome: 'failed',
    error: { code: 'WEBHOOKS.STATUS', message, ...shown },
    retryAfterMs: parseRetryAfter(answer.retryAfter, now),
    slowDown: slowDownStatuses.has(status),
    durationMs,
  };
}
