import { Column, Entity, PrimaryColumn } from 'typeorm';

import type { CompatibilityMode } from '../../../kafka/contracts/catalog.contracts.js';
import type { JsonSchema, SchemaSubject } from '../domain/event-schema.js';

/** A row of `schema_subjects`: a (topic, event type) with its newest schema. */
@Entity({ name: 'schema_subjects' })
export class SchemaSubjectEntity implements SchemaSubject {
  @PrimaryColumn('uuid')
  uid!: string;

  @Column('uuid', { name: 'topic_uid' })
  topicUid!: string;

  @Column('text')
  topic!: string;

  @Column('text')
  type!: string;

  @Column('text')
  compatibility!: CompatibilityMode;

  @Column('int')
  newest!: number;

  @Column('json')
  schema!: JsonSchema;

  @Column('int')
  version!: number;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;
}
