import { isDeepStrictEqual } from 'node:util';

import type {
  FilterExpression,
  FilterRevision,
  PartitionOffsets,
  SubscriptionKind,
  SubscriptionStatus,
} from '../../../kafka/contracts/subscriptions.contracts.js';
import type { WebhookSettings } from '../../../kafka/contracts/webhook-settings.js';
import { appendRevision } from './filter-revisions.js';
import type { StartPosition } from './start-position.js';
import { FieldImmutable, TransitionRefused } from './subscription.errors.js';

/** A named interest in a topic. Immutable value: each change below answers a new one. */
export interface Subscription {
  readonly uid: string;
  readonly id: string;
  readonly topic: string;
  readonly topicUid: string;
  /** Kafka's id of the topic that `start` was fixed on. */
  readonly kafkaTopicId: string;
  readonly kind: SubscriptionKind;
  readonly tenant: string | null;
  /** The start as it was asked for. */
  readonly requestedStart: StartPosition;
  /** The start as concrete offsets; partitions added later start at 0. */
  readonly start: PartitionOffsets;
  /** Oldest first; the last one is the filter now. */
  readonly filters: readonly FilterRevision[];
  /** Set exactly when the kind is `webhook`; secrets and headers are sealed. */
  readonly webhook: WebhookSettings | null;
  readonly status: SubscriptionStatus;
  readonly reason: string | null;
  /** When the status began. */
  readonly since: Date;
  readonly createdAt: Date;
  /** Starts at 1, one more with each change. */
  readonly version: number;
}

/** What a caller may say about what a subscription is, which never changes. */
export interface SubscriptionChange {
  readonly topic?: string;
  readonly kind?: string;
  readonly tenant?: string | null;
  readonly start?: StartPosition;
}

/** The filter that applies to new events. */
export const currentFilter = (subscription: Subscription): FilterExpression | null =>
  subscription.filters.at(-1)?.filter ?? null;

/**
 * Refuses a change of what a subscription is; repeating its present values is fine.
 * @throws FieldImmutable
 */
export function requireSameIdentity(subscription: Subscription, change: SubscriptionChange): void {
  const present: Required<SubscriptionChange> = {
    topic: subscription.topic,
    kind: subscription.kind,
    tenant: subscription.tenant,
    start: subscription.requestedStart,
  };
  for (const field of ['topic', 'kind', 'tenant', 'start'] as const) {
    const wanted = change[field];
    if (wanted !== undefined && !isDeepStrictEqual(wanted, present[field]))
      throw new FieldImmutable(field);
  }
}

/** Whether `filter` differs from the one that applies now. */
export const changesFilter = (
  subscription: Subscription,
  filter: FilterExpression | null,
): boolean => !isDeepStrictEqual(currentFilter(subscription), filter);

/** The subscription with a filter that applies from the given offsets. */
export const withFilter = (
  subscription: Subscription,
  filter: FilterExpression | null,
  from: PartitionOffsets,
): Subscription => ({
  ...subscription,
  filters: appendRevision(subscription.filters, { from, filter }),
});

const moveTo = (
  subscription: Subscription,
  status: SubscriptionStatus,
  reason: string | null,
  at: Date,
): Subscription => ({ ...subscription, status, reason, since: at });

/**
 * Stops giving out events. Pausing a paused subscription changes nothing.
 * @throws TransitionRefused when it is disabled or broken
 */
export function pause(subscription: Subscription, at: Date): Subscription {
  if (subscription.status === 'paused') return subscription;
  if (subscription.status !== 'active') throw new TransitionRefused('pause', subscription.status);
  return moveTo(subscription, 'paused', 'requested', at);
}

/**
 * Goes on where a pause stopped. Resuming an active subscription changes nothing.
 * @throws TransitionRefused when it is disabled (enable it) or broken
 */
export function resume(subscription: Subscription, at: Date): Subscription {
  if (subscription.status === 'active') return subscription;
  if (subscription.status !== 'paused') throw new TransitionRefused('resume', subscription.status);
  return moveTo(subscription, 'active', null, at);
}

/**
 * Makes a disabled subscription active again. Enabling an active one changes nothing.
 * @throws TransitionRefused when it is paused (resume it) or broken
 */
export function enable(subscription: Subscription, at: Date): Subscription {
  if (subscription.status === 'active') return subscription;
  if (subscription.status !== 'disabled')
    throw new TransitionRefused('enable', subscription.status);
  return moveTo(subscription, 'active', null, at);
}

/**
 * Stops for good until somebody enables it, whether it was active or paused. One that is disabled
 * or broken stays as it is.
 */
export function disable(subscription: Subscription, reason: string, at: Date): Subscription {
  const { status } = subscription;
  const works = status === 'active' || status === 'paused';
  return works ? moveTo(subscription, 'disabled', reason, at) : subscription;
}

/** The topic is gone: nothing more will come, and nothing brings it back. */
export const breakOff = (subscription: Subscription, reason: string, at: Date): Subscription =>
  subscription.status === 'broken' ? subscription : moveTo(subscription, 'broken', reason, at);
