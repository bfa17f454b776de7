import { SubscriptionNotFound } from './subscription.errors.js';
import type { Subscription } from './subscription.js';

/** Whose eyes a request has: null is the operator, who sees all. */
export type TenantView = string | null;

/**
 * The subscription as far as the caller may know of it.
 * @throws SubscriptionNotFound when there is none, or it is not the caller's tenant's
 */
export function requireVisible(
  id: string,
  subscription: Subscription | undefined,
  tenant: TenantView,
): Subscription {
  if (subscription === undefined) throw new SubscriptionNotFound(id);
  if (tenant !== null && subscription.tenant !== tenant) throw new SubscriptionNotFound(id);
  return subscription;
}
