import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ScramMechanism } from './mechanism.js';
import type { Peer } from './peer.js';
import {
  deriveKeys,
  isPasswordOf,
  MIN_ITERATIONS,
  type ScramKeys,
  type ScramVerifier,
} from './scram-verifier.js';

/** What SCRAM is done with: shown first, then the keys. */
export interface ScramCredential {
  readonly salt: Buffer;
  readonly iterations: number;
  /** Where nobody has the name, every proof is wrong by them. */
  keys(): Promise<ScramKeys>;
}

/** A user's secrets: a password, verifiers that were made from one, or both. */
export interface Secrets {
  readonly password?: string;
  readonly verifiers: ReadonlyMap<ScramMechanism, ScramVerifier>;
}

const COMPARISON_KEY = randomBytes(32);

/** A user, and the keys made from the password so far: they are costly. */
export class Account {
  private readonly derived = new Map<ScramMechanism, Promise<ScramKeys>>();

  constructor(private readonly secrets: Secrets) {}

  /** Whether this is the password. Where none is written down, keys are made from it and compared. */
  async hasPassword(password: string, peer: Peer): Promise<boolean> {
    if (this.secrets.password !== undefined) return areEqual(this.secrets.password, password);
    const [verifier] = this.secrets.verifiers.values();
    return verifier !== undefined && isPasswordOf(verifier, password, peer);
  }

  /** Undefined where the user has neither a verifier for the mechanism nor a password. */
  scram(mechanism: ScramMechanism, salt: Buffer): ScramCredential | undefined {
    const verifier = this.secrets.verifiers.get(mechanism);
    if (verifier) return { ...verifier, keys: () => Promise.resolve(verifier) };
    const { password } = this.secrets;
    if (password === undefined) return undefined;
    const keys = (): Promise<ScramKeys> => this.derivedKeys(mechanism, password, salt);
    return { salt, iterations: MIN_ITERATIONS, keys };
  }

  private derivedKeys(
    mechanism: ScramMechanism,
    password: string,
    salt: Buffer,
  ): Promise<ScramKeys> {
    const known = this.derived.get(mechanism);
    if (known) return known;
    const keys = deriveKeys(mechanism, password, salt, MIN_ITERATIONS);
    this.derived.set(mechanism, keys);
    return keys;
  }
}

/** Takes as long whatever the first difference is, and whatever the lengths are. */
function areEqual(one: string, other: string): boolean {
  const digest = (text: string): Buffer =>
    createHmac('sha256', COMPARISON_KEY).update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
