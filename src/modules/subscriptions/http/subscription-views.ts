import { Injectable } from '@nestjs/common';

import type { Subscription } from '../domain/subscription.js';
import { WebhookSealing } from '../use-cases/webhook-sealing.js';
import { SubscriptionView } from './subscription.view.js';

/** Shows subscriptions; a webhook's headers are opened for it. */
@Injectable()
export class SubscriptionViews {
  constructor(private readonly sealing: WebhookSealing) {}

  /** @throws SealBroken */
  show(subscription: Subscription): SubscriptionView {
    const { uid, webhook } = subscription;
    return new SubscriptionView(subscription, webhook && this.sealing.definitionOf(uid, webhook));
  }
}
