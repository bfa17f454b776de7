import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

import type { SubscriptionState } from '../../../kafka/contracts/subscriptions.contracts.js';
import type { StateRow, StateSource } from '../../../kafka/transport/state/state-source.js';
import { stateOf } from '../domain/subscription-messages.js';
import { SubscriptionStore } from './subscription.store.js';

/** The truth that the state topic of subscriptions is compared with. */
@Injectable()
export class SubscriptionStateSource implements StateSource<SubscriptionState> {
  constructor(private readonly store: SubscriptionStore) {}

  async *rows(manager?: EntityManager): AsyncIterable<StateRow<SubscriptionState>> {
    for await (const subscription of this.store.all(manager))
      yield {
        uid: subscription.uid,
        version: subscription.version,
        state: stateOf(subscription),
      };
  }
}
