import { Inject, Injectable } from '@nestjs/common';
import { timingSafeEqual } from 'node:crypto';

import { SETTINGS, type Settings } from '../config/settings.js';
import { keysState, type KeyState } from '../kafka/contracts/access.contracts.js';
import { InjectStateTable } from '../kafka/transport/state/inject-state-table.decorator.js';
import type { StateIndex, StateTable } from '../kafka/transport/state/state-table.js';
import { API_KEY, bearerToken, hashOf } from './api-key.js';
import { KeyInvalid, KeyMissing } from './auth.errors.js';
import { PendingLookups } from './pending-lookups.js';
import { ADMIN, principalOf, type Principal } from './principal.js';

/** Valid headers whose hash is remembered, so that a busy publisher's key is hashed once. */
const REMEMBERED = 1_000;

/**
 * Tells who holds a key. The state table of keys is asked each time, so a revocation counts as
 * soon as this process has read it; only the hash of a key is remembered, never the answer.
 */
@Injectable()
export class KeyVerifier {
  private readonly index: StateIndex<KeyState>;
  private readonly adminHash: Buffer;
  private readonly hashes = new Map<string, string>();
  private readonly principals = new WeakMap<KeyState, Principal>();
  private readonly pending: PendingLookups;

  constructor(
    @Inject(SETTINGS) settings: Settings,
    @InjectStateTable(keysState) keys: StateTable<KeyState>,
  ) {
    this.index = keys.indexBy(({ hash }) => hash);
    this.adminHash = Buffer.from(hashOf(settings.adminKey), 'hex');
    this.pending = new PendingLookups((hash) => this.index.lookup(hash));
  }

  /**
   * For hot paths: who holds the key of an Authorization header, by what this process knows now.
   * Undefined means ask `verify`: the key may be new.
   */
  verifyNow(header: string | undefined): Principal | undefined {
    if (header === undefined) return undefined;
    const remembered = this.hashes.get(header);
    const hash = remembered ?? hashIn(header);
    if (hash === undefined) return undefined;
    const principal = this.holderOf(hash);
    if (principal && remembered === undefined) this.remember(header, hash);
    return principal;
  }

  /**
   * Who holds the key of an Authorization header. An unknown key waits (at most 1 s) until this
   * process knows all keys that existed when it was called.
   * @throws KeyMissing, KeyInvalid, TooManyUnknownKeys
   */
  async verify(header: string | undefined): Promise<Principal> {
    const known = this.verifyNow(header);
    if (known) return known;
    if (bearerToken(header) === undefined) throw new KeyMissing();
    const hash = hashIn(header);
    const key = hash === undefined ? undefined : await this.pending.lookup(hash);
    if (!key) throw new KeyInvalid();
    return this.principal(key);
  }

  private holderOf(hash: string): Principal | undefined {
    if (timingSafeEqual(Buffer.from(hash, 'hex'), this.adminHash)) return ADMIN;
    const key = this.index.get(hash);
    return key && this.principal(key);
  }

  private principal(key: KeyState): Principal {
    let principal = this.principals.get(key);
    if (!principal) {
      principal = principalOf(key);
      this.principals.set(key, principal);
    }
    return principal;
  }

  private remember(header: string, hash: string): void {
    if (this.hashes.size >= REMEMBERED) this.hashes.clear();
    this.hashes.set(header, hash);
  }
}

/** The hash of a header's key; undefined when it cannot be a key. */
function hashIn(header: string | undefined): string | undefined {
  const token = bearerToken(header);
  return token !== undefined && API_KEY.test(token) ? hashOf(token) : undefined;
}
