import { createHash, randomBytes } from 'node:crypto';

/** What an API key looks like; the installation's admin key too. */
export const API_KEY = /^mr_[A-Za-z0-9_-]{20,200}$/;

const BEARER = /^bearer +(\S+) *$/i;

/** A new API key with 256 random bits. It says nothing of whom it belongs to. */
export const newApiKey = (): string => `mr_${randomBytes(32).toString('base64url')}`;

/**
 * What is stored of a key: SHA-256, hex. A slow hash would add nothing, as the key has 256 random
 * bits and cannot be guessed from it.
 */
export const hashOf = (apiKey: string): string =>
  createHash('sha256').update(apiKey, 'utf8').digest('hex');

/** The token of `Bearer …` (RFC 6750); undefined when the header is missing or another scheme. */
export const bearerToken = (header: string | undefined): string | undefined =>
  header === undefined ? undefined : BEARER.exec(header)?.[1];
