import { Injectable } from '@nestjs/common';

import type { Principal } from '../../../auth/principal.js';
import type { Page } from '../../../common/paging.js';
import { listStreamGaps, type StreamGap } from '../../../kafka/contracts/streams.contracts.js';
import { InjectRequestClient } from '../../../kafka/transport/client/inject-request-client.decorator.js';
import type { RequestClient } from '../../../kafka/transport/client/request-client.js';
import { GetSubscription } from './get-subscription.js';

/** Asks the module of the subscription's kind which events were gone before they were read. */
@Injectable()
export class ListGaps {
  constructor(
    private readonly getSubscription: GetSubscription,
    @InjectRequestClient('subscriptions') private readonly client: RequestClient,
  ) {}

  /** @throws SubscriptionNotFound, CursorInvalid, RequestTimedOut, RemoteError */
  async execute(
    principal: Principal,
    id: string,
    query: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<StreamGap>> {
    const { uid } = await this.getSubscription.execute(principal, id);
    const { gaps, next } = await this.client.request(listStreamGaps, {
      subscriptionUid: uid,
      limit: query.limit,
      after: query.cursor ?? null,
    });
    return { data: gaps, nextCursor: next };
  }
}
