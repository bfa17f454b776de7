import { Injectable } from '@nestjs/common';

import { requireSubscription } from '../../../auth/permissions.js';
import type { Principal } from '../../../auth/principal.js';
import { requireIfMatch } from '../../../common/etag.js';
import type { SubscriptionInput } from '../domain/new-subscription.js';
import { parseStart } from '../domain/start-position.js';
import type { Subscription } from '../domain/subscription.js';
import { SubscriptionIdTaken, SubscriptionNotFound } from '../domain/subscription.errors.js';
import { SubscriptionStore } from '../persistence/subscription.store.js';
import { ChangeSubscription } from './change-subscription.js';
import { CreateSubscription } from './create-subscription.js';

/** A subscription after a PUT, and whether the PUT made it. */
export interface PutResult {
  readonly subscription: Subscription;
  readonly created: boolean;
}

/**
 * Makes a subscription be as given: creates it, or changes what may change. Idempotent; never
 * moves a position, never resumes and never changes a secret. Fields left out are kept, except the
 * filter, which is then taken away; those of `webhook` go back to their defaults.
 */
@Injectable()
export class PutSubscription {
  constructor(
    private readonly store: SubscriptionStore,
    private readonly createSubscription: CreateSubscription,
    private readonly changeSubscription: ChangeSubscription,
  ) {}

  /** @throws what CreateSubscription and ChangeSubscription throw */
  async execute(
    principal: Principal,
    id: string,
    input: SubscriptionInput,
    ifMatch: string | undefined,
  ): Promise<PutResult> {
    requireSubscription(principal, id);
    const exists = (await this.store.findById(id)) !== undefined;
    if (exists) return this.change(principal, id, input, ifMatch);
    if (principal.tenant !== null) throw new SubscriptionNotFound(id);
    requireIfMatch(ifMatch, undefined);
    try {
      const subscription = await this.createSubscription.execute(principal, id, input);
      return { subscription, created: true };
    } catch (error) {
      // Two PUTs at once: the second one finds what the first has made.
      if (error instanceof SubscriptionIdTaken) return this.change(principal, id, input, ifMatch);
      throw error;
    }
  }

  private async change(
    principal: Principal,
    id: string,
    input: SubscriptionInput,
    ifMatch: string | undefined,
  ): Promise<PutResult> {
    const { topic, kind, tenant, filter, webhook } = input;
    const start = input.start === undefined ? undefined : parseStart(input.start);
    const subscription = await this.changeSubscription.execute(principal, id, {
      identity: { topic, kind, tenant, start },
      filterOf: () => filter,
      webhookOf: () => webhook,
      ifMatch,
    });
    return { subscription, created: false };
  }
}
