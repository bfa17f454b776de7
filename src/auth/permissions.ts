import type { Scope } from '../kafka/contracts/access.contracts.js';
import {
  ScopeMissing,
  SubscriptionForbidden,
  TenantForbidden,
  TopicForbidden,
} from './auth.errors.js';
import type { Principal } from './principal.js';

/** Whether a key has a scope; `admin` includes all. */
export const hasScope = ({ scopes }: Principal, scope: Scope): boolean =>
  scopes.has(scope) || scopes.has('admin');

/** @throws ScopeMissing */
export function requireScope(principal: Principal, scope: Scope): void {
  if (!hasScope(principal, scope)) throw new ScopeMissing(scope);
}

/** Whether a key may touch a topic; for leaving others out of a list. */
export const mayUseTopic = ({ topics }: Principal, topic: string): boolean =>
  topics === null || topics.includes(topic);

/** @throws TopicForbidden */
export function requireTopic(principal: Principal, topic: string): void {
  if (!mayUseTopic(principal, topic)) throw new TopicForbidden(topic);
}

/** Whether a key may touch a subscription; for leaving others out of a list. */
export const mayUseSubscription = ({ subscriptions }: Principal, id: string): boolean =>
  subscriptions === null || subscriptions.includes(id);

/** @throws SubscriptionForbidden */
export function requireSubscription(principal: Principal, id: string): void {
  if (!mayUseSubscription(principal, id)) throw new SubscriptionForbidden(id);
}

/**
 * Whether a key sees what belongs to a tenant (null: the operator's). What it does not see is
 * answered as if it did not exist, so that nobody learns of other tenants' ids.
 */
export const seesTenant = (principal: Principal, tenant: string | null): boolean =>
  principal.tenant === null || principal.tenant === tenant;

/**
 * The tenant of something that a key makes: its own, when it has one.
 * @param named the tenant that the request names, if any
 * @throws TenantForbidden when a tenant's key names another tenant
 */
export function tenantFor(principal: Principal, named: string | null | undefined): string | null {
  if (principal.tenant === null) return named ?? null;
  if (named !== undefined && named !== null && named !== principal.tenant) {
    throw new TenantForbidden();
  }
  return principal.tenant;
}
