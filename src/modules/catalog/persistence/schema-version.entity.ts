import { Column, Entity, PrimaryColumn } from 'typeorm';

import type { JsonSchema, SchemaVersion } from '../domain/event-schema.js';

/** A row of `schema_versions`; never changed. */
@Entity({ name: 'schema_versions' })
export class SchemaVersionEntity implements SchemaVersion {
  @PrimaryColumn('uuid', { name: 'subject_uid' })
  subjectUid!: string;

  @PrimaryColumn('int')
  number!: number;

  @Column('json')
  schema!: JsonSchema;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;
}
