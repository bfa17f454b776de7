import { Inject, Injectable } from '@nestjs/common';

import { requireSubscription } from '../../../auth/permissions.js';
import type { Principal } from '../../../auth/principal.js';
import { CLOCK, type Clock } from '../../../common/clock.js';
import { requireIfMatch } from '../../../common/etag.js';
import { subscriptionDeleted } from '../../../kafka/contracts/subscriptions.contracts.js';
import { InjectUnitOfWork } from '../../../kafka/transport/outbox/inject-unit-of-work.decorator.js';
import type { UnitOfWork } from '../../../kafka/transport/outbox/unit-of-work.js';
import { requireVisible } from '../domain/visibility.js';
import { SubscriptionStore } from '../persistence/subscription.store.js';
import { SubscriptionWriter } from './subscription-writer.js';

/** Deletes a subscription; the kind's module drops its positions when it hears of it. */
@Injectable()
export class DeleteSubscription {
  constructor(
    @InjectUnitOfWork('subscriptions') private readonly unitOfWork: UnitOfWork,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly store: SubscriptionStore,
    private readonly writer: SubscriptionWriter,
  ) {}

  /** @throws SubscriptionNotFound, PreconditionFailed */
  async execute(principal: Principal, id: string, ifMatch: string | undefined): Promise<void> {
    requireSubscription(principal, id);
    await this.unitOfWork.run(async (tx) => {
      const locked = await this.store.lockById(tx.manager, id);
      const subscription = requireVisible(id, locked, principal);
      requireIfMatch(ifMatch, subscription);
      await this.writer.remove(tx, subscription, subscriptionDeleted, this.clock.now());
    });
  }
}
