import { Injectable } from '@nestjs/common';

import type { Principal } from '../../../auth/principal.js';
import { GetSubscription } from './get-subscription.js';
import type { DeadLetter } from './ways-out/way-out.js';
import { WaysOut } from './ways-out/ways-out.js';

/** One dead letter with its event. */
@Injectable()
export class GetDeadLetter {
  constructor(
    private readonly getSubscription: GetSubscription,
    private readonly waysOut: WaysOut,
  ) {}

  /** @throws SubscriptionNotFound, KindLacks, RequestTimedOut, RemoteError */
  async execute(principal: Principal, id: string, deadLetterId: string): Promise<DeadLetter> {
    const { uid, kind } = await this.getSubscription.execute(principal, id);
    const get = this.waysOut.asking(kind, 'getDeadLetter');
    return get({ subscriptionUid: uid, id: deadLetterId });
  }
}
