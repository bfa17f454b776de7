import { Injectable } from '@nestjs/common';

import type { Principal } from '../../../auth/principal.js';
import { subscriptionResumed } from '../../../kafka/contracts/subscriptions.contracts.js';
import { resume, type Subscription } from '../domain/subscription.js';
import { SubscriptionTransition } from './subscription-transition.js';

/** Goes on where a pause stopped. */
@Injectable()
export class ResumeSubscription {
  constructor(private readonly transition: SubscriptionTransition) {}

  /** @throws SubscriptionNotFound, TransitionRefused */
  execute(principal: Principal, id: string): Promise<Subscription> {
    return this.transition.apply(principal, id, resume, subscriptionResumed);
  }
}
