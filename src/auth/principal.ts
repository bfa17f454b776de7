import { scopes, type KeyState, type Scope } from '../kafka/contracts/access.contracts.js';

/** Who asks: what a valid key may do. */
export interface Principal {
  /** The key's server-made uid; `admin` for the installation's admin key. */
  readonly keyUid: string;
  readonly keyId: string;
  readonly scopes: ReadonlySet<Scope>;
  /** Topics it is limited to; null: all. */
  readonly topics: readonly string[] | null;
  /** Subscriptions it is limited to; null: all. */
  readonly subscriptions: readonly string[] | null;
  /** Set: sees and makes only this tenant's events and subscriptions. */
  readonly tenant: string | null;
}

/** The holder of the installation's admin key: everything is allowed. */
export const ADMIN: Principal = {
  keyUid: 'admin',
  keyId: 'admin',
  scopes: new Set(scopes),
  topics: null,
  subscriptions: null,
  tenant: null,
};

/** What the holder of a stored key may do. */
export function principalOf(key: KeyState): Principal {
  return {
    keyUid: key.uid,
    keyId: key.id,
    scopes: new Set(key.scopes),
    topics: key.topics,
    subscriptions: key.subscriptions,
    tenant: key.tenant,
  };
}
