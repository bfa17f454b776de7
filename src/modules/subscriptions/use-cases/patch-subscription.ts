import { Injectable } from '@nestjs/common';

import type { Principal } from '../../../auth/principal.js';
import type { FilterExpression } from '../../../kafka/contracts/subscriptions.contracts.js';
import { mergePatch } from '../domain/merge-patch.js';
import { parseStart } from '../domain/start-position.js';
import { currentFilter, type Subscription } from '../domain/subscription.js';
import type { WebhookInput } from '../domain/webhook-definition.js';
import { patchWebhook } from '../domain/webhook-patch.js';
import { ChangeSubscription } from './change-subscription.js';

/** A JSON Merge Patch of a subscription: undefined keeps, null takes away. */
export interface SubscriptionPatch {
  readonly topic?: string;
  readonly kind?: string;
  readonly tenant?: string | null;
  readonly start?: unknown;
  readonly filter?: FilterExpression | null;
  readonly webhook?: WebhookInput | null;
}

/** Changes only what is named (RFC 7396): filter and webhook merge into the present ones. */
@Injectable()
export class PatchSubscription {
  constructor(private readonly changeSubscription: ChangeSubscription) {}

  /** @throws what ChangeSubscription throws, and StartInvalid */
  execute(
    principal: Principal,
    id: string,
    patch: SubscriptionPatch,
    ifMatch: string | undefined,
  ): Promise<Subscription> {
    const { topic, kind, tenant, filter, webhook } = patch;
    const start = patch.start === undefined ? undefined : parseStart(patch.start);
    return this.changeSubscription.execute(principal, id, {
      identity: { topic, kind, tenant, start },
      filterOf: (present) => merged(currentFilter(present), filter),
      webhookOf: (present) => patchWebhook(present, webhook),
      ifMatch,
    });
  }
}

const merged = (
  present: FilterExpression | null,
  patch: FilterExpression | null | undefined,
): FilterExpression | null =>
  patch === undefined ? present : (mergePatch(present, patch) as FilterExpression | null);
