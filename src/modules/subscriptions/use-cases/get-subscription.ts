import { Injectable } from '@nestjs/common';

import { requireSubscription } from '../../../auth/permissions.js';
import type { Principal } from '../../../auth/principal.js';
import type { Subscription } from '../domain/subscription.js';
import { requireVisible } from '../domain/visibility.js';
import { SubscriptionStore } from '../persistence/subscription.store.js';

/** One subscription. */
@Injectable()
export class GetSubscription {
  constructor(private readonly store: SubscriptionStore) {}

  /** @throws SubscriptionNotFound */
  async execute(principal: Principal, id: string): Promise<Subscription> {
    requireSubscription(principal, id);
    return requireVisible(id, await this.store.findById(id), principal);
  }
}
