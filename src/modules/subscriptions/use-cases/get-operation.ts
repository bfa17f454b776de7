import { Injectable } from '@nestjs/common';

import { mayUseSubscription } from '../../../auth/permissions.js';
import type { Principal } from '../../../auth/principal.js';
import type { OperationState } from '../../../kafka/contracts/delivery-shapes.js';
import type { SubscriptionKind } from '../../../kafka/contracts/subscriptions.contracts.js';
import { RemoteError } from '../../../kafka/transport/transport.errors.js';
import { kindOfOperation } from '../domain/operation-id.js';
import { KindLacks, OperationNotFound } from '../domain/subscription.errors.js';
import { isVisible } from '../domain/visibility.js';
import { SubscriptionStore } from '../persistence/subscription.store.js';
import { WaysOut } from './ways-out/ways-out.js';

/** How far an operation has come; who may see its subscription may see it. */
@Injectable()
export class GetOperation {
  constructor(
    private readonly store: SubscriptionStore,
    private readonly waysOut: WaysOut,
  ) {}

  /** @throws OperationNotFound, RequestTimedOut, RemoteError */
  async execute(principal: Principal, id: string): Promise<OperationState> {
    const kind = kindOfOperation(id);
    if (kind === undefined) throw new OperationNotFound(id);
    const operation = await this.ask(kind, id);
    const subscription = await this.store.findByUid(operation.subscriptionUid);
    const visible =
      subscription !== undefined &&
      isVisible(subscription, principal) &&
      mayUseSubscription(principal, subscription.id);
    if (!visible) throw new OperationNotFound(id);
    return operation;
  }

  private async ask(kind: SubscriptionKind, id: string): Promise<OperationState> {
    try {
      return await this.waysOut.asking(kind, 'operation')({ operationId: id });
    } catch (error) {
      throw saysUnknown(error) ? new OperationNotFound(id) : error;
    }
  }
}

/** The same words are used for what is not there and what is not for the caller. */
const saysUnknown = (error: unknown): boolean =>
  error instanceof KindLacks || (error instanceof RemoteError && error.kind === 'not-found');
