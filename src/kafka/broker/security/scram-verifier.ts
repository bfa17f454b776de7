import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Derivations, type KeySource } from './derivations.js';
import type { ScramMechanism } from './mechanism.js';
import type { Peer } from './peer.js';

/** Iterations for keys made from a password; RFC 7677's minimum, below which clients refuse. */
export const MIN_ITERATIONS = 4096;
/** More would let a single login keep a thread for seconds. */
const MAX_ITERATIONS = 1_000_000;
const MAX_SALT_BYTES = 128;

/** Of all brokers of the process: they share its threads. */
const derivations = new Derivations();

const HASHES = {
  'SCRAM-SHA-256': { hash: 'sha256', keyBytes: 32 },
  'SCRAM-SHA-512': { hash: 'sha512', keyBytes: 64 },
} as const;

/** What a server keeps of a password: enough to check a proof, too little to make one. */
export interface ScramKeys {
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

/** RFC 5802's keys and what a client must know to make its own from the password. */
export interface ScramVerifier extends ScramKeys {
  readonly mechanism: ScramMechanism;
  readonly iterations: number;
  readonly salt: Buffer;
}

/** HMAC with the mechanism's hash. */
export function hmac(mechanism: ScramMechanism, key: Buffer, text: string): Buffer {
  return createHmac(HASHES[mechanism].hash, key).update(text).digest();
}

/** The mechanism's hash. */
export function hash(mechanism: ScramMechanism, bytes: Buffer): Buffer {
  return createHash(HASHES[mechanism].hash).update(bytes).digest();
}

/** Bytes of the mechanism's hash, and so of every key and proof. */
export function keyBytesOf(mechanism: ScramMechanism): number {
  return HASHES[mechanism].keyBytes;
}

/** Makes keys from a password, its UTF-8 taken as it is (Kafka's clients know no SASLprep). */
export async function deriveKeys(
  mechanism: ScramMechanism,
  password: string,
  salt: Buffer,
  iterations: number,
): Promise<ScramKeys> {
  const salted = await derivations.run({ password, salt, iterations, ...HASHES[mechanism] });
  return keysOf(mechanism, salted);
}

/**
 * Whether the verifier was made from this password, which this peer sent.
 * @throws TooManyLogins; the signal's reason
 */
export async function isPasswordOf(
  { mechanism, salt, iterations, storedKey }: ScramVerifier,
  password: string,
  peer: Peer,
): Promise<boolean> {
  const source: KeySource = { password, salt, iterations, ...HASHES[mechanism] };
  const keys = keysOf(mechanism, await derivations.guess(source, peer));
  return timingSafeEqual(keys.storedKey, storedKey);
}

/** Keys that no password gives. */
export function unknownKeys(mechanism: ScramMechanism): ScramKeys {
  const bytes = keyBytesOf(mechanism);
  return { storedKey: randomBytes(bytes), serverKey: randomBytes(bytes) };
}

function keysOf(mechanism: ScramMechanism, salted: Buffer): ScramKeys {
  return {
    storedKey: hash(mechanism, hmac(mechanism, salted, 'Client Key')),
    serverKey: hmac(mechanism, salted, 'Server Key'),
  };
}

const NOTATION =
  /^(?<mechanism>SCRAM-SHA-(?:256|512))\$(?<iterations>\d{1,9}):(?<salt>[^$:]+)\$(?<storedKey>[^$:]+):(?<serverKey>[^$:]+)$/;

/**
 * Reads `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`, base64 after the iterations:
 * the notation of RFC 5803 as PostgreSQL writes it. Undefined where it is wrong in any way.
 */
export function parseVerifier(text: string): ScramVerifier | undefined {
  const parts = NOTATION.exec(text)?.groups;
  if (!parts) return undefined;
  const mechanism = parts['mechanism'] as ScramMechanism;
  const iterations = Number(parts['iterations']);
  const salt = decodeBase64(parts['salt']!);
  const storedKey = decodeBase64(parts['storedKey']!);
  const serverKey = decodeBase64(parts['serverKey']!);
  if (iterations < MIN_ITERATIONS || iterations > MAX_ITERATIONS) return undefined;
  if (!salt || salt.length > MAX_SALT_BYTES) return undefined;
  const keyBytes = keyBytesOf(mechanism);
  if (storedKey?.length !== keyBytes || serverKey?.length !== keyBytes) return undefined;
  return { mechanism, iterations, salt, storedKey, serverKey };
}

/** Strictly, where Buffer would pass over what is no base64. Undefined for that, and for nothing. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length > 0 && bytes.toString('base64') === text ? bytes : undefined;
}
