import { Injectable } from '@nestjs/common';
import type { SubscriptionSource } from '../../../delivery/engine/ports.js';
import {
  subscriptionsState,
  type SubscriptionState,
} from '../../../kafka/contracts/subscriptions.contracts.js';
import type { WebhookSettings } from '../../../kafka/contracts/webhook-settings.js';
import { InjectStateTable } from '../../../kafka/transport/state/inject-state-table.decorator.js';
import type { StateIndex, StateTable } from '../../../kafka/transport/state/state-table.js';
import { WebhookNotFound } from '../domain/webhooks.errors.js';

/** A subscription of this module's kind. */
export type WebhookSubscription = SubscriptionState & { readonly webhook: WebhookSettings };

/** Whether the subscription is this module's. */
export const isWebhook = (state: SubscriptionState | undefined): state is WebhookSubscription =>
  state?.kind === 'webhook' && state.webhook !== null;

/** Webhook subscriptions as this process knows them. */
@Injectable()
export class WebhookDirectory implements SubscriptionSource {
  private readonly byUid: StateIndex<SubscriptionState>;

  constructor(
    @InjectStateTable(subscriptionsState) private readonly table: StateTable<SubscriptionState>,
  ) {
    this.byUid = table.indexBy(({ uid }) => uid);
  }

  *values(): IterableIterator<SubscriptionState> {
    for (const state of this.table.values()) if (isWebhook(state)) yield state;
  }

  onChange(listener: (uid: string, state: SubscriptionState | undefined) => void): () => void {
    return this.table.onChange((uid, state, previous) => {
      if (isWebhook(state) || isWebhook(previous)) listener(uid, state);
    });
  }

  /** One that was just created is waited for, at most a second. @throws WebhookNotFound */
  async require(uid: string): Promise<WebhookSubscription> {
    const state = await this.byUid.lookup(uid);
    if (!isWebhook(state)) throw new WebhookNotFound(uid);
    return state;
  }
}
