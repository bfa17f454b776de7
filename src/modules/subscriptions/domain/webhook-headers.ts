import { WebhookHeadersInvalid } from './webhook.errors.js';

/** Extra headers of one webhook at most, and their bytes together. */
export const MAX_HEADERS = 32;
export const MAX_HEADER_BYTES = 8_192;

/** A field name (RFC 9110, section 5.1). */
const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]{1,128}$/i;
/** A field value of visible ASCII, with blanks inside only (section 5.5). */
const VALUE = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/;

/** What belongs to the message or the connection, and is set by who sends it. */
const RESERVED: ReadonlySet<string> = new Set([
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
]);
/** Namespaces of the signature, of CloudEvents' binary mode, and of proxies. */
const RESERVED_PREFIXES = ['webhook-', 'ce-', 'proxy-'] as const;

const isReserved = (name: string): boolean =>
  RESERVED.has(name) || RESERVED_PREFIXES.some((prefix) => name.startsWith(prefix));

function requireHeader(name: string, value: unknown): readonly [string, string] {
  if (!NAME.test(name)) throw new WebhookHeadersInvalid(`${name} is no header name.`, name);
  const lower = name.toLowerCase();
  if (isReserved(lower))
    throw new WebhookHeadersInvalid(`The header ${name} is set by Millrace itself.`, name);
  if (typeof value !== 'string' || !VALUE.test(value))
    throw new WebhookHeadersInvalid(
      `The header ${name} needs a text of visible ASCII characters, with blanks inside only.`,
      name,
    );
  return [lower, value];
}

/** Field names are the same in any case, so they are kept in one. */
export const lowerCaseNames = <Value>(
  headers: Readonly<Record<string, Value>>,
): Readonly<Record<string, Value>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/**
 * Holds the extra headers of a webhook's requests to HTTP's rules.
 * @returns them by lower-case name
 * @throws WebhookHeadersInvalid for names and values that HTTP does not allow, names that Millrace
 *   sets itself, the same name twice, and too many of them
 */
export function requireHeaders(
  headers: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> {
  const pairs = Object.entries(headers).map(([name, value]) => requireHeader(name, value));
  const checked = new Map(pairs);
  if (checked.size < pairs.length)
    throw new WebhookHeadersInvalid('A header is named twice, in upper and in lower case.');
  const bytes = pairs.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (pairs.length > MAX_HEADERS || bytes > MAX_HEADER_BYTES)
    throw new WebhookHeadersInvalid(
      `A webhook has at most ${MAX_HEADERS} headers of ${MAX_HEADER_BYTES} bytes together.`,
    );
  return Object.fromEntries(checked);
}
