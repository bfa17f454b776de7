import type {
  SubscriptionLifecycle,
  SubscriptionState,
} from '../../../kafka/contracts/subscriptions.contracts.js';
import type { Subscription } from './subscription.js';

/** A subscription as other modules know it. */
export const stateOf = (subscription: Subscription): SubscriptionState => ({
  uid: subscription.uid,
  id: subscription.id,
  topic: subscription.topic,
  topicUid: subscription.topicUid,
  kafkaTopicId: subscription.kafkaTopicId,
  kind: subscription.kind,
  tenant: subscription.tenant,
  start: subscription.start,
  filters: subscription.filters,
  webhook: subscription.webhook,
  status: subscription.status,
  reason: subscription.reason,
  since: subscription.since.toISOString(),
  createdAt: subscription.createdAt.toISOString(),
});

/** What a lifecycle event tells of it. */
export const lifecycleOf = (subscription: Subscription, at: Date): SubscriptionLifecycle => ({
  uid: subscription.uid,
  id: subscription.id,
  topic: subscription.topic,
  kind: subscription.kind,
  tenant: subscription.tenant,
  status: subscription.status,
  at: at.toISOString(),
});
