import { Injectable } from '@nestjs/common';

import type { Principal } from '../../../auth/principal.js';
import { compileFilter } from '../../../events/filter/compile-filter.js';
import type { OperationState } from '../../../kafka/contracts/delivery-shapes.js';
import type { FilterExpression } from '../../../kafka/contracts/subscriptions.contracts.js';
import { newOperationId } from '../domain/operation-id.js';
import { RedriveChoiceInvalid } from '../domain/subscription.errors.js';
import { GetSubscription } from './get-subscription.js';
import { WaysOut } from './ways-out/ways-out.js';

/** Which dead letters: by id, by a filter over their events, or all. */
export interface RedriveChoice {
  readonly ids?: readonly string[] | null;
  readonly filter?: FilterExpression | null;
}

/** Starts to send dead letters again. */
@Injectable()
export class RedriveDeadLetters {
  constructor(
    private readonly getSubscription: GetSubscription,
    private readonly waysOut: WaysOut,
  ) {}

  /**
   * @throws SubscriptionNotFound, KindLacks, RedriveChoiceInvalid, FilterInvalid, RequestTimedOut,
   *   RemoteError
   */
  async execute(
    principal: Principal,
    id: string,
    { ids = null, filter = null }: RedriveChoice,
  ): Promise<OperationState> {
    const { uid, kind } = await this.getSubscription.execute(principal, id);
    const redrive = this.waysOut.asking(kind, 'redrive');
    if (ids !== null && filter !== null) throw new RedriveChoiceInvalid();
    compileFilter(filter);
    return redrive({ subscriptionUid: uid, operationId: newOperationId(kind), ids, filter });
  }
}
