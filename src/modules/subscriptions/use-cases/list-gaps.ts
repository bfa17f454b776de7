import { Injectable } from '@nestjs/common';

import type { Principal } from '../../../auth/principal.js';
import type { Page } from '../../../common/paging.js';
import type { DeliveryGap } from '../../../kafka/contracts/delivery-shapes.js';
import { GetSubscription } from './get-subscription.js';
import { WaysOut } from './ways-out/ways-out.js';

/** Asks the module of the subscription's kind which events were gone before they were read. */
@Injectable()
export class ListGaps {
  constructor(
    private readonly getSubscription: GetSubscription,
    private readonly waysOut: WaysOut,
  ) {}

  /** @throws SubscriptionNotFound, CursorInvalid, RequestTimedOut, RemoteError */
  async execute(
    principal: Principal,
    id: string,
    query: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<DeliveryGap>> {
    const { uid, kind } = await this.getSubscription.execute(principal, id);
    const list = this.waysOut.asking(kind, 'gaps');
    const page = { limit: query.limit, after: query.cursor ?? null };
    const { gaps, next } = await list({ subscriptionUid: uid, ...page });
    return { data: gaps, nextCursor: next };
  }
}
