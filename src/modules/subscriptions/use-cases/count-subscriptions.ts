import { Injectable } from '@nestjs/common';

import { SubscriptionStore } from '../persistence/subscription.store.js';

/** How many subscriptions a topic has; a broken one counts, as it is still listed. */
@Injectable()
export class CountSubscriptions {
  constructor(private readonly store: SubscriptionStore) {}

  execute(topicUid: string): Promise<number> {
    return this.store.countByTopic(topicUid);
  }
}
