import { Column, Entity, PrimaryColumn } from 'typeorm';

import type { Topic, TopicStatus } from '../domain/topic.js';

/** Postgres' bigint arrives as text; retention fits a double exactly. */
const bigint = {
  to: (value: number | null): number | null => value,
  from: (value: string | null): number | null => (value === null ? null : Number(value)),
};

/** A row of `topics`. */
@Entity({ name: 'topics' })
export class TopicEntity implements Topic {
  @PrimaryColumn('uuid')
  uid!: string;

  @Column('text')
  name!: string;

  @Column('text')
  status!: TopicStatus;

  @Column('boolean')
  managed!: boolean;

  @Column('text', { name: 'kafka_topic_id', nullable: true })
  kafkaTopicId!: string | null;

  @Column('int')
  partitions!: number;

  @Column('int', { name: 'replication_factor', nullable: true })
  replicationFactor!: number | null;

  @Column('bigint', { name: 'retention_seconds', nullable: true, transformer: bigint })
  retentionSeconds!: number | null;

  @Column('bigint', { name: 'retention_bytes', nullable: true, transformer: bigint })
  retentionBytes!: number | null;

  @Column('boolean', { name: 'enforce_schemas' })
  enforceSchemas!: boolean;

  @Column('int', { name: 'max_event_bytes' })
  maxEventBytes!: number;

  @Column('boolean')
  missing!: boolean;

  @Column('int')
  version!: number;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;
}
