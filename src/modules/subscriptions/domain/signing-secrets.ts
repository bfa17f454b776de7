import { randomBytes } from 'node:crypto';

import { TooManySecrets, WebhookSecretInvalid } from './webhook.errors.js';

/** A secret that signs; `expiresAt` (RFC 3339) is set for former ones, which sign until then. */
export interface SigningSecret {
  readonly secret: string;
  readonly expiresAt: string | null;
}

/** Secrets of one webhook at most: each adds a signature to every request. */
export const MAX_SECRETS = 3;

const PREFIX = 'whsec_';
const MIN_BYTES = 24;
const MAX_BYTES = 64;
const NEW_BYTES = 32;

/** A new secret, as Standard Webhooks writes them. */
export const newSecret = (): string => PREFIX + randomBytes(NEW_BYTES).toString('base64');

/**
 * Holds a secret that a user chose to Standard Webhooks' form: `whsec_` and 24 to 64 bytes in
 * padded base64, which every library of it reads.
 * @throws WebhookSecretInvalid, which does not repeat the secret
 */
export function requireSecret(text: string): string {
  if (!text.startsWith(PREFIX)) throw new WebhookSecretInvalid(`begins with ${PREFIX}`);
  const encoded = text.slice(PREFIX.length);
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.toString('base64') !== encoded)
    throw new WebhookSecretInvalid(`is base64 with padding after ${PREFIX}`);
  if (bytes.length < MIN_BYTES || bytes.length > MAX_BYTES)
    throw new WebhookSecretInvalid(`has ${MIN_BYTES} to ${MAX_BYTES} bytes`);
  return text;
}

/** Those that sign at a time, in the same order. */
export const validSecrets = <Secret extends Pick<SigningSecret, 'expiresAt'>>(
  secrets: readonly Secret[],
  at: Date,
): readonly Secret[] =>
  secrets.filter(({ expiresAt }) => expiresAt === null || Date.parse(expiresAt) > at.getTime());

const sooner = (present: string | null, end: string): string =>
  present !== null && Date.parse(present) < Date.parse(end) ? present : end;

/**
 * Puts a secret before those that there are (newest first). None of the former ones signs longer
 * than `previousExpiresInSeconds`; with 0 they end at once. A secret that signs as the newest
 * already changes nothing, so that a request may be repeated.
 * @throws TooManySecrets rather than end a secret earlier than it was told
 */
export function rotateSecret(
  secrets: readonly SigningSecret[],
  secret: string,
  at: Date,
  previousExpiresInSeconds: number,
): readonly SigningSecret[] {
  if (secrets[0]?.secret === secret) return secrets;
  const end = new Date(at.getTime() + previousExpiresInSeconds * 1_000).toISOString();
  const former = secrets
    .filter((each) => each.secret !== secret)
    .map((each) => ({ ...each, expiresAt: sooner(each.expiresAt, end) }));
  const kept = validSecrets(former, at);
  if (kept.length >= MAX_SECRETS) throw new TooManySecrets(MAX_SECRETS, firstEnd(kept));
  return [{ secret, expiresAt: null }, ...kept];
}

const firstEnd = (secrets: readonly { readonly expiresAt: string }[]): string =>
  secrets.map(({ expiresAt }) => expiresAt).sort()[0]!;
