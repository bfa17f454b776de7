import { Injectable } from '@nestjs/common';

import type { Principal } from '../../../auth/principal.js';
import { GetSubscription } from './get-subscription.js';
import type { SubscriptionStats } from './ways-out/way-out.js';
import { WaysOut } from './ways-out/ways-out.js';

/** Asks the module of the subscription's kind for its progress. */
@Injectable()
export class GetStats {
  constructor(
    private readonly getSubscription: GetSubscription,
    private readonly waysOut: WaysOut,
  ) {}

  /** @throws SubscriptionNotFound, RequestTimedOut, RemoteError */
  async execute(principal: Principal, id: string): Promise<SubscriptionStats> {
    const { uid, kind } = await this.getSubscription.execute(principal, id);
    return this.waysOut.asking(kind, 'stats')({ subscriptionUid: uid });
  }
}
