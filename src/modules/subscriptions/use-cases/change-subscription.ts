import { Inject, Injectable } from '@nestjs/common';

import { requireSubscription } from '../../../auth/permissions.js';
import type { Principal } from '../../../auth/principal.js';
import { CLOCK, type Clock } from '../../../common/clock.js';
import { requireIfMatch } from '../../../common/etag.js';
import { compileFilter } from '../../../events/filter/compile-filter.js';
import {
  subscriptionUpdated,
  type FilterExpression,
  type PartitionOffsets,
} from '../../../kafka/contracts/subscriptions.contracts.js';
import { InjectUnitOfWork } from '../../../kafka/transport/outbox/inject-unit-of-work.decorator.js';
import type { UnitOfWork } from '../../../kafka/transport/outbox/unit-of-work.js';
import {
  changesFilter,
  requireSameIdentity,
  withFilter,
  type Subscription,
  type SubscriptionChange,
} from '../domain/subscription.js';
import { requireVisible } from '../domain/visibility.js';
import { SubscriptionStore } from '../persistence/subscription.store.js';
import { LogPositions } from './log-positions.js';
import { SubscriptionWriter } from './subscription-writer.js';
import { WebhookDefinitions, type WebhookWish } from './webhook-definitions.js';

/** The wished-for state of an existing subscription. */
export interface SubscriptionRevision {
  readonly identity: SubscriptionChange;
  /** Makes the wished-for filter of the present one; null: all events. */
  readonly filterOf: (present: Subscription) => FilterExpression | null;
  readonly webhookOf: WebhookWish;
  readonly ifMatch: string | undefined;
}

/**
 * Changes an existing subscription: what PUT and PATCH share. Positions and status stay as they
 * are; a changed filter applies from the ends of the partitions at the time of the call, a changed
 * webhook from the next attempt.
 */
@Injectable()
export class ChangeSubscription {
  constructor(
    @InjectUnitOfWork('subscriptions') private readonly unitOfWork: UnitOfWork,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly store: SubscriptionStore,
    private readonly positions: LogPositions,
    private readonly writer: SubscriptionWriter,
    private readonly webhooks: WebhookDefinitions,
  ) {}

  /**
   * @throws SubscriptionNotFound, PreconditionFailed, FieldImmutable, FilterInvalid,
   *   LogUnavailable, and what WebhookDefinitions.requirePermitted throws
   */
  async execute(
    principal: Principal,
    id: string,
    revision: SubscriptionRevision,
  ): Promise<Subscription> {
    requireSubscription(principal, id);
    const seen = requireVisible(id, await this.store.findById(id), principal);
    const from = await this.prepare(seen, revision);
    return this.unitOfWork.run(async (tx) => {
      const locked = await this.store.lockById(tx.manager, id);
      const present = requireVisible(id, locked, principal);
      requireIfMatch(revision.ifMatch, present);
      requireSameIdentity(present, revision.identity);
      const changed = this.changed(present, revision, from);
      if (changed === present) return present;
      return this.writer.update(tx, changed, subscriptionUpdated, this.clock.now());
    });
  }

  /** The subscription itself when the revision says what is so already. */
  private changed(
    present: Subscription,
    revision: SubscriptionRevision,
    from: PartitionOffsets,
  ): Subscription {
    const filter = revision.filterOf(present);
    const webhook = this.webhooks.revise(present, revision.webhookOf);
    const filtered = changesFilter(present, filter) ? withFilter(present, filter, from) : present;
    return webhook === present.webhook ? filtered : { ...filtered, webhook };
  }

  /**
   * Asks Kafka and the resolver before the row is locked, so that no lock waits for them.
   * @returns the offsets from which a changed filter applies
   */
  private async prepare(
    seen: Subscription,
    revision: SubscriptionRevision,
  ): Promise<PartitionOffsets> {
    requireIfMatch(revision.ifMatch, seen);
    requireSameIdentity(seen, revision.identity);
    const filter = revision.filterOf(seen);
    compileFilter(filter);
    await this.webhooks.requirePermitted(seen, revision.webhookOf);
    const judgesNothing = seen.status === 'broken' || !changesFilter(seen, filter);
    return judgesNothing ? {} : this.positions.ends(seen.topic);
  }
}
