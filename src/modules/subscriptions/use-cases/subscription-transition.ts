import { Inject, Injectable } from '@nestjs/common';

import { requireSubscription } from '../../../auth/permissions.js';
import type { Principal } from '../../../auth/principal.js';
import { CLOCK, type Clock } from '../../../common/clock.js';
import type { EventContract } from '../../../kafka/contracts/contract.js';
import type { SubscriptionLifecycle } from '../../../kafka/contracts/subscriptions.contracts.js';
import { InjectUnitOfWork } from '../../../kafka/transport/outbox/inject-unit-of-work.decorator.js';
import type { UnitOfWork } from '../../../kafka/transport/outbox/unit-of-work.js';
import type { Subscription } from '../domain/subscription.js';
import { requireVisible } from '../domain/visibility.js';
import { SubscriptionStore } from '../persistence/subscription.store.js';
import { SubscriptionWriter } from './subscription-writer.js';

/** A rule that answers the subscription itself where nothing changes. */
export type TransitionRule = (subscription: Subscription, at: Date) => Subscription;

/** Moves a subscription to another status under its row's lock; what pause, resume, enable share. */
@Injectable()
export class SubscriptionTransition {
  constructor(
    @InjectUnitOfWork('subscriptions') private readonly unitOfWork: UnitOfWork,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly store: SubscriptionStore,
    private readonly writer: SubscriptionWriter,
  ) {}

  /** @throws SubscriptionNotFound, TransitionRefused */
  async apply(
    principal: Principal,
    id: string,
    rule: TransitionRule,
    event: EventContract<SubscriptionLifecycle>,
  ): Promise<Subscription> {
    requireSubscription(principal, id);
    return this.unitOfWork.run(async (tx) => {
      const locked = await this.store.lockById(tx.manager, id);
      const present = requireVisible(id, locked, principal);
      const at = this.clock.now();
      const changed = rule(present, at);
      return changed === present ? present : this.writer.update(tx, changed, event, at);
    });
  }
}
