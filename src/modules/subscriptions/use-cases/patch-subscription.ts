import { Injectable } from '@nestjs/common';

import type { Principal } from '../../../auth/principal.js';
import type { FilterExpression } from '../../../kafka/contracts/subscriptions.contracts.js';
import { mergePatch } from '../domain/merge-patch.js';
import { parseStart } from '../domain/start-position.js';
import { currentFilter, type Subscription } from '../domain/subscription.js';
import { ChangeSubscription } from './change-subscription.js';

/** A JSON Merge Patch of a subscription: undefined keeps, null takes away. */
export interface SubscriptionPatch {
  readonly topic?: string;
  readonly kind?: string;
  readonly tenant?: string | null;
  readonly start?: unknown;
  readonly filter?: FilterExpression | null;
}

/** Changes only what is named (RFC 7396): a filter's members merge into the present filter. */
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
    const { topic, kind, tenant, filter } = patch;
    const start = patch.start === undefined ? undefined : parseStart(patch.start);
    return this.changeSubscription.execute(principal, id, {
      identity: { topic, kind, tenant, start },
      filterOf: (present) => merged(currentFilter(present), filter),
      ifMatch,
    });
  }
}

const merged = (
  present: FilterExpression | null,
  patch: FilterExpression | null | undefined,
): FilterExpression | null =>
  patch === undefined ? present : (mergePatch(present, patch) as FilterExpression | null);
