import { Injectable } from '@nestjs/common';

import type { Principal } from '../../../auth/principal.js';
import { decodeCursor, pageOf, type Page } from '../../../common/paging.js';
import type { Subscription } from '../domain/subscription.js';
import { SubscriptionStore } from '../persistence/subscription.store.js';

/** A page of the subscriptions that the caller may see, by id. */
@Injectable()
export class ListSubscriptions {
  constructor(private readonly store: SubscriptionStore) {}

  /** @throws CursorInvalid */
  async execute(
    principal: Principal,
    query: { readonly limit: number; readonly cursor?: string; readonly topic?: string },
  ): Promise<Page<Subscription>> {
    const rows = await this.store.list({
      tenant: principal.tenant,
      ids: principal.subscriptions,
      topics: principal.topics,
      topic: query.topic,
      afterId: query.cursor === undefined ? undefined : String(decodeCursor(query.cursor, 1)[0]),
      limit: query.limit + 1,
    });
    return pageOf(rows, query.limit, ({ id }) => [id]);
  }
}
