import { Injectable } from '@nestjs/common';

import type { Principal } from '../../../auth/principal.js';
import { subscriptionPaused } from '../../../kafka/contracts/subscriptions.contracts.js';
import { pause, type Subscription } from '../domain/subscription.js';
import { SubscriptionTransition } from './subscription-transition.js';

/** Stops giving out events; what was given out before can still be committed. */
@Injectable()
export class PauseSubscription {
  constructor(private readonly transition: SubscriptionTransition) {}

  /** @throws SubscriptionNotFound, TransitionRefused */
  execute(principal: Principal, id: string): Promise<Subscription> {
    return this.transition.apply(principal, id, pause, subscriptionPaused);
  }
}
