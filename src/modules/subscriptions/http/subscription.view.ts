import { ApiProperty } from '@nestjs/swagger';

import {
  subscriptionKinds,
  subscriptionStatuses,
  type FilterExpression,
  type PartitionOffsets,
  type SubscriptionKind,
  type SubscriptionStatus,
} from '../../../kafka/contracts/subscriptions.contracts.js';
import type { StartPosition } from '../domain/start-position.js';
import { currentFilter, type Subscription } from '../domain/subscription.js';
import { WebhookView } from './webhook.view.js';

/** A subscription as REST shows it. */
export class SubscriptionView {
  @ApiProperty()
  readonly uid: string;

  @ApiProperty()
  readonly id: string;

  @ApiProperty()
  readonly topic: string;

  @ApiProperty({ enum: subscriptionKinds })
  readonly kind: SubscriptionKind;

  @ApiProperty({ type: Object, nullable: true })
  readonly filter: FilterExpression | null;

  @ApiProperty({ type: String, nullable: true })
  readonly tenant: string | null;

  @ApiProperty({ type: Object, description: 'As it was asked for.' })
  readonly start: StartPosition;

  @ApiProperty({ type: Object, description: 'The start as offsets per partition.' })
  readonly startOffsets: PartitionOffsets;

  @ApiProperty({ type: WebhookView, nullable: true, description: 'Of kind webhook only.' })
  readonly webhook: WebhookView | null;

  @ApiProperty({ enum: subscriptionStatuses })
  readonly status: SubscriptionStatus;

  @ApiProperty({ type: String, nullable: true })
  readonly reason: string | null;

  @ApiProperty({ type: String, format: 'date-time' })
  readonly since: string;

  @ApiProperty({ type: String, format: 'date-time' })
  readonly createdAt: string;

  constructor(subscription: Subscription, webhook: WebhookView | null) {
    this.uid = subscription.uid;
    this.id = subscription.id;
    this.topic = subscription.topic;
    this.kind = subscription.kind;
    this.filter = currentFilter(subscription);
    this.tenant = subscription.tenant;
    this.start = subscription.requestedStart;
    this.startOffsets = subscription.start;
    this.webhook = webhook;
    this.status = subscription.status;
    this.reason = subscription.reason;
    this.since = subscription.since.toISOString();
    this.createdAt = subscription.createdAt.toISOString();
  }
}

/** A page of subscriptions, for OpenAPI. */
export class SubscriptionPageView {
  @ApiProperty({ type: [SubscriptionView] })
  readonly data!: readonly SubscriptionView[];

  @ApiProperty({ type: String, nullable: true })
  readonly nextCursor!: string | null;
}
