import { Injectable } from '@nestjs/common';

import type { Principal } from '../../../auth/principal.js';
import type { Page } from '../../../common/paging.js';
import type { DeadLetterSummary } from '../../../kafka/contracts/delivery-shapes.js';
import { GetSubscription } from './get-subscription.js';
import { WaysOut } from './ways-out/ways-out.js';

/** A page of a subscription's dead letters, oldest first, without payloads. */
@Injectable()
export class ListDeadLetters {
  constructor(
    private readonly getSubscription: GetSubscription,
    private readonly waysOut: WaysOut,
  ) {}

  /** @throws SubscriptionNotFound, KindLacks, CursorInvalid, RequestTimedOut, RemoteError */
  async execute(
    principal: Principal,
    id: string,
    query: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<DeadLetterSummary>> {
    const { uid, kind } = await this.getSubscription.execute(principal, id);
    const list = this.waysOut.asking(kind, 'listDeadLetters');
    const page = { limit: query.limit, after: query.cursor ?? null };
    const { deadLetters, next } = await list({ subscriptionUid: uid, ...page });
    return { data: deadLetters, nextCursor: next };
  }
}
