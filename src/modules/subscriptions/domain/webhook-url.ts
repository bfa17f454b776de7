import { WebhookUrlInvalid } from './webhook.errors.js';

/** Longer ones are refused by many servers. */
export const MAX_URL_LENGTH = 2_048;

/** Blanks and control characters, which a URL parser would silently take out, and backslashes. */
// oxlint-disable-next-line no-control-regex
const DROPPED = /[\u0000-\u0020\u007f-\u00a0\\]/;

function requireLength(text: string): void {
  if (text.length > MAX_URL_LENGTH)
    throw new WebhookUrlInvalid(`has at most ${MAX_URL_LENGTH} characters`);
}

function parse(text: string): URL {
  requireLength(text);
  if (DROPPED.test(text) || !URL.canParse(text))
    throw new WebhookUrlInvalid('must be an absolute URL such as https://example.com/hook');
  const url = new URL(text);
  // What is not ASCII is sent percent-encoded, which is longer.
  requireLength(url.href);
  return url;
}

/**
 * Holds an endpoint's URL to the rules of its form; where it leads is judged elsewhere.
 * @returns the text as it was given
 * @throws WebhookUrlInvalid for what is no absolute http or https URL, or carries credentials or a
 *   fragment, neither of which would be sent
 */
export function requireWebhookUrl(text: string | null | undefined): string {
  if (text === null || text === undefined) throw new WebhookUrlInvalid('is missing');
  const { protocol, hostname, username, password, port } = parse(text);
  if (protocol !== 'https:' && protocol !== 'http:')
    throw new WebhookUrlInvalid('must begin with https:// or http://');
  if (!/^https?:\/\/[^/]/i.test(text) || hostname === '')
    throw new WebhookUrlInvalid('must name a host after https:// or http://');
  if (username !== '' || password !== '')
    throw new WebhookUrlInvalid('carries no user name or password; use `headers`');
  if (text.includes('#')) throw new WebhookUrlInvalid('has no fragment');
  if (port === '0') throw new WebhookUrlInvalid('has no port 0');
  return text;
}

/** The host that a URL leads to, in one notation: `[::1]`, `127.0.0.1`, `example.com`. */
export const hostOf = (url: string): string => new URL(url).hostname;
