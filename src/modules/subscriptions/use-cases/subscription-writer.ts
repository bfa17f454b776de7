import { Injectable } from '@nestjs/common';

import type { EventContract } from '../../../kafka/contracts/contract.js';
import {
  subscriptionsState,
  type SubscriptionLifecycle,
} from '../../../kafka/contracts/subscriptions.contracts.js';
import type { WebhookSettings } from '../../../kafka/contracts/webhook-settings.js';
import type { UnitOfWorkTransaction } from '../../../kafka/transport/outbox/transaction.js';
import { validSecrets } from '../domain/signing-secrets.js';
import { lifecycleOf, stateOf } from '../domain/subscription-messages.js';
import type { Subscription } from '../domain/subscription.js';
import { SubscriptionStore } from '../persistence/subscription.store.js';

/** Writes a change three times in one transaction: row, state record and lifecycle event. */
@Injectable()
export class SubscriptionWriter {
  constructor(private readonly store: SubscriptionStore) {}

  /** @throws SubscriptionIdTaken */
  async create(
    tx: UnitOfWorkTransaction,
    subscription: Subscription,
    event: EventContract<SubscriptionLifecycle>,
  ): Promise<Subscription> {
    await this.store.insert(tx.manager, subscription);
    this.tell(tx, subscription, event, subscription.createdAt);
    return subscription;
  }

  /**
   * Stores `changed`, whose row the transaction has locked, under the next version. Secrets that
   * ended meanwhile are dropped with it.
   */
  async update(
    tx: UnitOfWorkTransaction,
    changed: Subscription,
    event: EventContract<SubscriptionLifecycle>,
    at: Date,
  ): Promise<Subscription> {
    const webhook = withoutEndedSecrets(changed.webhook, at);
    const stored = { ...changed, webhook, version: changed.version + 1 };
    await this.store.update(tx.manager, stored);
    this.tell(tx, stored, event, at);
    return stored;
  }

  async remove(
    tx: UnitOfWorkTransaction,
    subscription: Subscription,
    event: EventContract<SubscriptionLifecycle>,
    at: Date,
  ): Promise<void> {
    const { uid, version } = subscription;
    await this.store.remove(tx.manager, uid);
    tx.publishState(subscriptionsState, uid, version + 1, null);
    tx.publishEvent(event, uid, lifecycleOf(subscription, at));
  }

  private tell(
    tx: UnitOfWorkTransaction,
    subscription: Subscription,
    event: EventContract<SubscriptionLifecycle>,
    at: Date,
  ): void {
    const { uid, version } = subscription;
    tx.publishState(subscriptionsState, uid, version, stateOf(subscription));
    tx.publishEvent(event, uid, lifecycleOf(subscription, at));
  }
}

const withoutEndedSecrets = (webhook: WebhookSettings | null, at: Date): WebhookSettings | null =>
  webhook && { ...webhook, secrets: validSecrets(webhook.secrets, at) };
