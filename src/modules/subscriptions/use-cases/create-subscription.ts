import { Inject, Injectable } from '@nestjs/common';

import { requireSubscription, requireTopic, tenantFor } from '../../../auth/permissions.js';
import type { Principal } from '../../../auth/principal.js';
import { CLOCK, type Clock } from '../../../common/clock.js';
import { newUid } from '../../../common/ids.js';
import { compileFilter } from '../../../events/filter/compile-filter.js';
import { topicsState, type TopicState } from '../../../kafka/contracts/catalog.contracts.js';
import { subscriptionCreated } from '../../../kafka/contracts/subscriptions.contracts.js';
import { InjectUnitOfWork } from '../../../kafka/transport/outbox/inject-unit-of-work.decorator.js';
import type { UnitOfWork } from '../../../kafka/transport/outbox/unit-of-work.js';
import { InjectStateTable } from '../../../kafka/transport/state/inject-state-table.decorator.js';
import type { StateIndex, StateTable } from '../../../kafka/transport/state/state-table.js';
import { appendRevision } from '../domain/filter-revisions.js';
import { requireKind, type SubscriptionInput } from '../domain/new-subscription.js';
import { parseStart } from '../domain/start-position.js';
import type { Subscription } from '../domain/subscription.js';
import { SubscriptionTopicUnknown } from '../domain/subscription.errors.js';
import { DeletedTopics } from '../persistence/deleted-topics.js';
import { LogPositions } from './log-positions.js';
import { SubscriptionWriter } from './subscription-writer.js';
import { WebhookDefinitions } from './webhook-definitions.js';

/** Creates a subscription whose start is fixed as offsets before anybody hears of it. */
@Injectable()
export class CreateSubscription {
  private readonly topics: StateIndex<TopicState>;

  constructor(
    @InjectStateTable(topicsState) topics: StateTable<TopicState>,
    @InjectUnitOfWork('subscriptions') private readonly unitOfWork: UnitOfWork,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly positions: LogPositions,
    private readonly deletedTopics: DeletedTopics,
    private readonly writer: SubscriptionWriter,
    private readonly webhooks: WebhookDefinitions,
  ) {
    this.topics = topics.indexBy(({ name }) => name);
  }

  /**
   * @throws SubscriptionIdTaken, UnknownKind, StartInvalid, SubscriptionTopicUnknown,
   *   TenantForbidden, FilterInvalid, LogUnavailable, and what WebhookDefinitions.create throws
   */
  async execute(principal: Principal, id: string, input: SubscriptionInput): Promise<Subscription> {
    requireSubscription(principal, id);
    requireTopic(principal, input.topic);
    const subscription = await this.design(principal, id, input);
    return this.unitOfWork.run(async (tx) => {
      if (await this.deletedTopics.lockAndAsk(tx.manager, subscription.topicUid))
        throw new SubscriptionTopicUnknown(input.topic);
      return this.writer.create(tx, subscription, subscriptionCreated);
    });
  }

  private async design(
    principal: Principal,
    id: string,
    input: SubscriptionInput,
  ): Promise<Subscription> {
    const kind = requireKind(input.kind);
    const requestedStart = parseStart(input.start);
    const tenant = tenantFor(principal, input.tenant);
    compileFilter(input.filter);
    const topic = await this.topics.lookup(input.topic);
    if (topic === undefined) throw new SubscriptionTopicUnknown(input.topic);
    const uid = newUid();
    const webhook = await this.webhooks.create(uid, kind, input.webhook);
    const { kafkaTopicId, offsets } = await this.positions.fixStart(topic.name, requestedStart);
    const now = this.clock.now();
    return {
      uid,
      id,
      topic: topic.name,
      topicUid: topic.uid,
      kafkaTopicId,
      kind,
      tenant,
      requestedStart,
      start: offsets,
      filters: appendRevision([], { from: {}, filter: input.filter }),
      webhook,
      status: 'active',
      reason: null,
      since: now,
      createdAt: now,
      version: 1,
    };
  }
}
