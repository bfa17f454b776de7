import { ENTITY_ID } from '../../../common/ids.js';
import type { Scope } from '../../../kafka/contracts/access.contracts.js';
import { KeyRightsInvalid } from './access.errors.js';

/** What a key may do, and what it is limited to (null: not limited). */
export interface KeyRights {
  readonly scopes: readonly Scope[];
  readonly topics: readonly string[] | null;
  readonly subscriptions: readonly string[] | null;
  readonly tenant: string | null;
}

/** Kafka's rule for topic names: the catalog can adopt any of them. */
const TOPIC_NAME = /^[A-Za-z0-9._-]{1,249}$/;
const TENANT = /^[^\p{Cc}]{1,256}$/u;

function requireNames(names: readonly string[] | null, rule: RegExp, what: string): void {
  const wrong = names?.find((name) => !rule.test(name));
  if (wrong !== undefined) throw new KeyRightsInvalid(`"${wrong}" is not a ${what}.`);
}

const isLimited = ({ topics, subscriptions, tenant }: KeyRights): boolean =>
  topics !== null || subscriptions !== null || tenant !== null;

/**
 * The rights as they are stored: duplicates dropped. A key needs a scope; `admin` knows no limits,
 * so a limited key cannot have it.
 * @throws KeyRightsInvalid
 */
export function checkedRights(rights: KeyRights): KeyRights {
  if (rights.scopes.length === 0) throw new KeyRightsInvalid('A key needs at least one scope.');
  if (rights.scopes.includes('admin') && isLimited(rights)) {
    throw new KeyRightsInvalid(
      'A key with the scope "admin" cannot be limited to topics, subscriptions or a tenant.',
    );
  }
  requireNames(rights.topics, TOPIC_NAME, 'topic name');
  requireNames(rights.subscriptions, ENTITY_ID, 'subscription id');
  requireNames(rights.tenant === null ? null : [rights.tenant], TENANT, 'tenant');
  return {
    scopes: unique(rights.scopes),
    topics: rights.topics && unique(rights.topics),
    subscriptions: rights.subscriptions && unique(rights.subscriptions),
    tenant: rights.tenant,
  };
}

const unique = <T>(values: readonly T[]): readonly T[] => [...new Set(values)];
