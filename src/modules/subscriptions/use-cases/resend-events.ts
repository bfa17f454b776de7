import { Injectable } from '@nestjs/common';

import type { Principal } from '../../../auth/principal.js';
import type { OperationState } from '../../../kafka/contracts/delivery-shapes.js';
import type { ChosenEvent } from '../../../kafka/contracts/webhooks.contracts.js';
import { newOperationId } from '../domain/operation-id.js';
import { GetSubscription } from './get-subscription.js';
import { WaysOut } from './ways-out/ways-out.js';

/** Starts to send chosen events of the topic again, delivered before or not. */
@Injectable()
export class ResendEvents {
  constructor(
    private readonly getSubscription: GetSubscription,
    private readonly waysOut: WaysOut,
  ) {}

  /** @throws SubscriptionNotFound, KindLacks, RequestTimedOut, RemoteError */
  async execute(
    principal: Principal,
    id: string,
    events: readonly ChosenEvent[],
  ): Promise<OperationState> {
    const { uid, kind } = await this.getSubscription.execute(principal, id);
    const resend = this.waysOut.asking(kind, 'resend');
    return resend({ subscriptionUid: uid, operationId: newOperationId(kind), events });
  }
}
