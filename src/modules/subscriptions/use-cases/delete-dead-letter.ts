import { Injectable } from '@nestjs/common';

import type { Principal } from '../../../auth/principal.js';
import { GetSubscription } from './get-subscription.js';
import { WaysOut } from './ways-out/ways-out.js';

/** Drops one dead letter for good. */
@Injectable()
export class DeleteDeadLetter {
  constructor(
    private readonly getSubscription: GetSubscription,
    private readonly waysOut: WaysOut,
  ) {}

  /** @throws SubscriptionNotFound, KindLacks, RequestTimedOut, RemoteError */
  async execute(principal: Principal, id: string, deadLetterId: string): Promise<void> {
    const { uid, kind } = await this.getSubscription.execute(principal, id);
    const drop = this.waysOut.asking(kind, 'deleteDeadLetter');
    await drop({ subscriptionUid: uid, id: deadLetterId });
  }
}
