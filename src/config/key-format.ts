import { randomBytes } from 'node:crypto';

/** What an admin key looks like: the sign of a Millrace key, then at least 20 URL-safe letters. */
export const adminKeyPattern = /^mr_[A-Za-z0-9_-]{20,200}$/;

/** A new admin key with 192 random bits. */
export const newAdminKey = (): string => `mr_${randomBytes(24).toString('base64url')}`;

/** A new encryption key as it is stored: 32 random bytes in hexadecimal. */
export const newEncryptionKey = (): string => randomBytes(32).toString('hex');

/** The 32 bytes behind 64 hexadecimal digits or base64 (either alphabet); undefined otherwise. */
export function parseEncryptionKey(text: string): Buffer | undefined {
  if (/^[0-9A-Fa-f]{64}$/.test(text)) return Buffer.from(text, 'hex');
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return undefined;
  return Buffer.from(text, 'base64');
}
