import { Column, Entity, PrimaryColumn } from 'typeorm';

import type {
  FilterRevision,
  PartitionOffsets,
  SubscriptionKind,
  SubscriptionStatus,
} from '../../../kafka/contracts/subscriptions.contracts.js';
import type { WebhookSettings } from '../../../kafka/contracts/webhook-settings.js';
import type { StartPosition } from '../domain/start-position.js';

/** A row of `subscriptions`. */
@Entity({ name: 'subscriptions' })
export class SubscriptionEntity {
  @PrimaryColumn('uuid')
  uid!: string;

  @Column('text', { unique: true })
  id!: string;

  @Column('text')
  topic!: string;

  @Column('uuid', { name: 'topic_uid' })
  topicUid!: string;

  @Column('text', { name: 'kafka_topic_id' })
  kafkaTopicId!: string;

  @Column('text')
  kind!: SubscriptionKind;

  @Column('text', { nullable: true })
  tenant!: string | null;

  @Column('jsonb', { name: 'requested_start' })
  requestedStart!: StartPosition;

  @Column('jsonb')
  start!: PartitionOffsets;

  @Column('jsonb')
  filters!: readonly FilterRevision[];

  @Column('jsonb', { nullable: true })
  webhook!: WebhookSettings | null;

  @Column('text')
  status!: SubscriptionStatus;

  @Column('text', { nullable: true })
  reason!: string | null;

  @Column('timestamptz')
  since!: Date;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('int')
  version!: number;
}
