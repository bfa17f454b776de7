import { Injectable } from '@nestjs/common';
import { RedriveStore } from '../../../delivery/persistence/redrive.store.js';
import { fromRecord } from '../../../events/codec/kafka-binding.js';
import { compileFilter } from '../../../events/filter/compile-filter.js';
import type { OperationState } from '../../../kafka/contracts/delivery-shapes.js';
import type { FilterExpression } from '../../../kafka/contracts/subscriptions.contracts.js';
import { WebhookDelivery } from '../delivery/webhook-delivery.js';
import { WebhookNotFound } from '../domain/webhooks.errors.js';

/** Which dead letters: those of `ids`, those that pass `filter`, or all (both null). */
export interface RedriveRequest {
  readonly subscriptionUid: string;
  readonly operationId: string;
  readonly ids: readonly string[] | null;
  readonly filter: FilterExpression | null;
}

/** Gives dead letters all their attempts again; the same operation id starts nothing twice. */
@Injectable()
export class RedriveDeadLetters {
  constructor(
    private readonly redrives: RedriveStore,
    private readonly delivery: WebhookDelivery,
  ) {}

  /** @throws FilterInvalid, WebhookNotFound, DatabaseUnavailable */
  async execute(request: RedriveRequest): Promise<OperationState> {
    const { subscriptionUid, operationId, ids, filter } = request;
    const passes = compileFilter(filter);
    const selection =
      ids ??
      (filter === null
        ? null
        : (...[record, place]: Parameters<typeof eventOf>) => passes(eventOf(record, place)));
    const operation = { id: operationId, subscriptionUid, type: 'redrive' } as const;
    const state = await this.redrives.redrive(operation, selection);
    if (state?.subscriptionUid !== subscriptionUid) throw new WebhookNotFound(subscriptionUid);
    this.delivery.wake();
    return state;
  }
}

const eventOf = (
  record: Omit<Parameters<typeof fromRecord>[0], 'topic' | 'partition' | 'offset'>,
  place: Pick<Parameters<typeof fromRecord>[0], 'topic' | 'partition' | 'offset'>,
) => fromRecord({ ...record, ...place });
