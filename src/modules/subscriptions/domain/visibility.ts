import { SubscriptionNotFound } from './subscription.errors.js';
import type { Subscription } from './subscription.js';

/** What a request's key may see; null: all. */
export interface View {
  readonly tenant: string | null;
  readonly topics: readonly string[] | null;
}

/** Whether a subscription is neither another tenant's nor of a topic that the key is not for. */
export const isVisible = (subscription: Subscription, { tenant, topics }: View): boolean =>
  (tenant === null || subscription.tenant === tenant) &&
  (topics === null || topics.includes(subscription.topic));

/**
 * The subscription as far as the caller may know of it.
 * @throws SubscriptionNotFound when there is none, or it is another tenant's, or of a topic that the
 *   key is not for: nobody learns of ids that are not for them
 */
export function requireVisible(
  id: string,
  subscription: Subscription | undefined,
  view: View,
): Subscription {
  if (subscription === undefined || !isVisible(subscription, view))
    throw new SubscriptionNotFound(id);
  return subscription;
}
