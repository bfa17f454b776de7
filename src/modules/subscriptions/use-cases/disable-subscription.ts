import { Inject, Injectable } from '@nestjs/common';

import { CLOCK, type Clock } from '../../../common/clock.js';
import { subscriptionDisabled } from '../../../kafka/contracts/subscriptions.contracts.js';
import type { UnitOfWorkTransaction } from '../../../kafka/transport/outbox/transaction.js';
import { disable } from '../domain/subscription.js';
import { SubscriptionStore } from '../persistence/subscription.store.js';
import { SubscriptionWriter } from './subscription-writer.js';

/** Disables a subscription whose endpoint said that it is gone; one that is deleted is no matter. */
@Injectable()
export class DisableSubscription {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly store: SubscriptionStore,
    private readonly writer: SubscriptionWriter,
  ) {}

  async execute(tx: UnitOfWorkTransaction, uid: string, reason: string): Promise<void> {
    const present = await this.store.lockByUid(tx.manager, uid);
    if (present === undefined) return;
    const at = this.clock.now();
    const disabled = disable(present, reason, at);
    if (disabled !== present) await this.writer.update(tx, disabled, subscriptionDisabled, at);
  }
}
