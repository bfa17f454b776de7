import {
  subscriptionKinds,
  type FilterExpression,
  type SubscriptionKind,
} from '../../../kafka/contracts/subscriptions.contracts.js';
import { UnknownKind } from './subscription.errors.js';
import type { WebhookInput } from './webhook-definition.js';

/** What a caller says about a subscription, checked for its form only. */
export interface SubscriptionInput {
  readonly topic: string;
  readonly kind: string;
  readonly filter: FilterExpression | null;
  readonly webhook: WebhookInput | null;
  /** Undefined: not said. */
  readonly tenant?: string | null;
  /** Untrusted; undefined: not said. */
  readonly start?: unknown;
}

/** @throws UnknownKind */
export function requireKind(kind: string): SubscriptionKind {
  const known = subscriptionKinds.find((each) => each === kind);
  if (known === undefined) throw new UnknownKind(kind, subscriptionKinds);
  return known;
}
