import { WebhookHeadersInvalid } from './webhooks.errors.js';

/** Most headers that a subscription may add. */
export const maxHeaders = 32;
/** Most bytes of their names and values together. */
export const maxHeaderBytes = 8 * 1_024;

/** A token of RFC 9110, section 5.6.2. */
const token = /^[\w!#$%&'*+.^`|~-]+$/;
/** Visible ASCII and obs-text, blanks and tabs inside (RFC 9110, section 5.5), in latin1. */
const value = /^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/;

/** Set by the sender, or about the connection and the framing of the message. */
const reserved: ReadonlySet<string> = new Set([
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

/** Of the signature, of CloudEvents' binary mode, and of proxies. */
const reservedPrefixes = ['webhook-', 'ce-', 'proxy-'] as const;

/** Whether a header belongs to the sender, to HTTP or to the event, whatever its case. */
export const isReservedHeader = (name: string): boolean => {
  const lower = name.toLowerCase();
  return reserved.has(lower) || reservedPrefixes.some((prefix) => lower.startsWith(prefix));
};

const faultOf = (name: string, text: string): string | undefined => {
  if (!token.test(name)) return `"${name}" is no name of a header`;
  if (isReservedHeader(name)) return `The header ${name} is set by Millrace`;
  return value.test(text) ? undefined : `The header ${name} has a value that HTTP cannot carry`;
};

/**
 * Checks the headers that a subscription adds to its requests. Names differ in more than case.
 * @throws WebhookHeadersInvalid
 */
export function checkCustomHeaders(headers: Readonly<Record<string, string>>): void {
  const entries = Object.entries(headers);
  if (entries.length > maxHeaders)
    throw new WebhookHeadersInvalid(`A webhook can add at most ${maxHeaders} headers.`);
  const seen = new Set<string>();
  let bytes = 0;
  for (const [name, text] of entries) {
    const wrong = seen.has(name.toLowerCase())
      ? `The header ${name} is given twice`
      : faultOf(name, text);
    if (wrong !== undefined) throw new WebhookHeadersInvalid(`${wrong}.`, { header: name });
    seen.add(name.toLowerCase());
    bytes += name.length + text.length;
  }
  if (bytes > maxHeaderBytes)
    throw new WebhookHeadersInvalid(`Headers can have at most ${maxHeaderBytes} bytes in all.`);
}
