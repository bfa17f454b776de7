/** Signatures of Standard Webhooks 1.0, symmetric scheme (`v1`). */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { WebhookSecretInvalid } from './webhooks.errors.js';

const prefix = 'whsec_';
const minBytes = 24;
const maxBytes = 64;

/**
 * Reads a secret into a key, which callers keep, since making one costs more than signing.
 * @throws WebhookSecretInvalid unless it is `whsec_` and the padded base64 of 24 to 64 bytes
 */
export function parseSecret(text: string): KeyObject {
  const encoded = text.startsWith(prefix) ? text.slice(prefix.length) : '';
  const bytes = Buffer.from(encoded, 'base64');
  // Node skips what is no base64; other readers would not, and get another key.
  const exact = bytes.toString('base64') === encoded;
  if (!exact || bytes.length < minBytes || bytes.length > maxBytes)
    throw new WebhookSecretInvalid();
  return createSecretKey(bytes);
}

/**
 * The value of `webhook-signature`: one signature over `id.timestamp.body` for each secret, so
 * that a receiver can verify with either while a secret is being rotated.
 * @param timestamp unix seconds of this attempt
 */
export const sign = (
  secrets: readonly KeyObject[],
  id: string,
  timestamp: number,
  body: Buffer,
): string => {
  const head = `${id}.${timestamp}.`;
  let signatures = '';
  for (const secret of secrets) {
    const signature = createHmac('sha256', secret).update(head).update(body).digest('base64');
    signatures += signatures === '' ? `v1,${signature}` : ` v1,${signature}`;
  }
  return signatures;
};
