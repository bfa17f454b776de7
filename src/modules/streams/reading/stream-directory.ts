import { Injectable } from '@nestjs/common';

import { mayUseTopic, requireSubscription, seesTenant } from '../../../auth/permissions.js';
import type { Principal } from '../../../auth/principal.js';
import {
  subscriptionsState,
  type SubscriptionState,
} from '../../../kafka/contracts/subscriptions.contracts.js';
import { InjectStateTable } from '../../../kafka/transport/state/inject-state-table.decorator.js';
import type {
  StateIndex,
  StateListener,
  StateTable,
} from '../../../kafka/transport/state/state-table.js';
import { StreamNotFound } from '../domain/streams.errors.js';

/** Stream subscriptions as this process knows them. */
@Injectable()
export class StreamDirectory {
  private readonly byId: StateIndex<SubscriptionState>;
  private readonly byUid: StateIndex<SubscriptionState>;

  constructor(
    @InjectStateTable(subscriptionsState) private readonly table: StateTable<SubscriptionState>,
  ) {
    this.byId = table.indexBy(({ id }) => id);
    this.byUid = table.indexBy(({ uid }) => uid);
  }

  /**
   * The stream subscription of an id, as far as the caller may read it. One that was just created
   * is waited for, at most a second.
   * @throws StreamNotFound, SubscriptionForbidden
   */
  async require(principal: Principal, id: string): Promise<SubscriptionState> {
    requireSubscription(principal, id);
    const state = await this.byId.lookup(id);
    const visible =
      state?.kind === 'stream' &&
      seesTenant(principal, state.tenant) &&
      mayUseTopic(principal, state.topic);
    if (!visible) throw new StreamNotFound(id);
    return state;
  }

  /** @throws StreamNotFound */
  async requireUid(uid: string): Promise<SubscriptionState> {
    const state = await this.byUid.lookup(uid);
    if (state === undefined) throw new StreamNotFound(uid);
    return state;
  }

  get(uid: string): SubscriptionState | undefined {
    return this.table.get(uid);
  }

  onChange(listener: StateListener<SubscriptionState>): () => void {
    return this.table.onChange(listener);
  }
}
