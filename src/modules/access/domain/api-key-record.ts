import type { KeyState } from '../../../kafka/contracts/access.contracts.js';
import type { KeyRights } from './key-rights.js';

/** A key as this module keeps it: never the key itself. Keys do not change; they are revoked. */
export interface ApiKeyRecord extends KeyRights {
  readonly uid: string;
  readonly id: string;
  /** SHA-256 of the key, hex. */
  readonly hash: string;
  readonly createdAt: Date;
}

/** A key as every process knows it. */
export const stateOf = (key: ApiKeyRecord): KeyState => ({
  uid: key.uid,
  id: key.id,
  hash: key.hash,
  scopes: key.scopes,
  topics: key.topics,
  subscriptions: key.subscriptions,
  tenant: key.tenant,
  createdAt: key.createdAt.toISOString(),
});
