import { Injectable } from '@nestjs/common';

import type { Principal } from '../../../auth/principal.js';
import {
  getStreamStats,
  type StreamPartitionStats,
} from '../../../kafka/contracts/streams.contracts.js';
import { InjectRequestClient } from '../../../kafka/transport/client/inject-request-client.decorator.js';
import type { RequestClient } from '../../../kafka/transport/client/request-client.js';
import { GetSubscription } from './get-subscription.js';

/** How far a subscription has come. */
export interface SubscriptionStats {
  readonly readers: number;
  readonly partitions: readonly StreamPartitionStats[];
}

/** Asks the module of the subscription's kind for its progress. */
@Injectable()
export class GetStats {
  constructor(
    private readonly getSubscription: GetSubscription,
    @InjectRequestClient('subscriptions') private readonly client: RequestClient,
  ) {}

  /** @throws SubscriptionNotFound, RequestTimedOut, RemoteError */
  async execute(principal: Principal, id: string): Promise<SubscriptionStats> {
    const { uid } = await this.getSubscription.execute(principal, id);
    return this.client.request(getStreamStats, { subscriptionUid: uid });
  }
}
