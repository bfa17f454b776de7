import { Inject, Injectable } from '@nestjs/common';

import { CLOCK, type Clock } from '../../../common/clock.js';
import { subscriptionBroken } from '../../../kafka/contracts/subscriptions.contracts.js';
import type { UnitOfWorkTransaction } from '../../../kafka/transport/outbox/transaction.js';
import { breakOff } from '../domain/subscription.js';
import { DeletedTopics } from '../persistence/deleted-topics.js';
import { SubscriptionStore } from '../persistence/subscription.store.js';
import { SubscriptionWriter } from './subscription-writer.js';

/** Marks the remaining subscriptions of a topic that is gone, and refuses new ones from now on. */
@Injectable()
export class BreakSubscriptions {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly deletedTopics: DeletedTopics,
    private readonly store: SubscriptionStore,
    private readonly writer: SubscriptionWriter,
  ) {}

  async execute(tx: UnitOfWorkTransaction, topicUid: string): Promise<void> {
    await this.deletedTopics.remember(tx.manager, topicUid);
    const at = this.clock.now();
    for (const present of await this.store.lockByTopic(tx.manager, topicUid)) {
      const broken = breakOff(present, 'topic-deleted', at);
      if (broken !== present) await this.writer.update(tx, broken, subscriptionBroken, at);
    }
  }
}
