import { Injectable } from '@nestjs/common';

import type { Principal } from '../../../auth/principal.js';
import { subscriptionResumed } from '../../../kafka/contracts/subscriptions.contracts.js';
import { enable, type Subscription } from '../domain/subscription.js';
import { SubscriptionTransition } from './subscription-transition.js';

/** Makes a disabled subscription active again. */
@Injectable()
export class EnableSubscription {
  constructor(private readonly transition: SubscriptionTransition) {}

  /** @throws SubscriptionNotFound, TransitionRefused */
  execute(principal: Principal, id: string): Promise<Subscription> {
    return this.transition.apply(principal, id, enable, subscriptionResumed);
  }
}
