import { ApiProperty } from '@nestjs/swagger';

import {
  compatibilityModes,
  type CompatibilityMode,
} from '../../../kafka/contracts/catalog.contracts.js';
import type { JsonSchema, SchemaSubject } from '../domain/event-schema.js';
import type { FoundSchema } from '../use-cases/get-schema.js';

/** A version of a schema as REST shows it. */
export class SchemaView {
  @ApiProperty({ format: 'uuid' })
  readonly uid!: string;

  @ApiProperty({ example: 'orders' })
  readonly topic!: string;

  @ApiProperty({ example: 'order.created', description: '`*`: every type without a schema.' })
  readonly type!: string;

  @ApiProperty({ minimum: 1 })
  readonly version!: number;

  @ApiProperty({ description: 'The newest version there is.' })
  readonly newestVersion!: number;

  @ApiProperty({ enum: compatibilityModes })
  readonly compatibility!: CompatibilityMode;

  @ApiProperty({ type: Object })
  readonly schema!: JsonSchema;

  @ApiProperty({ format: 'date-time', description: 'When this version was registered.' })
  readonly createdAt!: string;
}

/** An event type that has schemas, without the schema itself, which may be large. */
export class SchemaSummaryView {
  @ApiProperty({ format: 'uuid' })
  readonly uid!: string;

  @ApiProperty()
  readonly type!: string;

  @ApiProperty()
  readonly newestVersion!: number;

  @ApiProperty({ enum: compatibilityModes })
  readonly compatibility!: CompatibilityMode;
}

/** A page of event types that have schemas. */
export class SchemaPageView {
  @ApiProperty({ type: [SchemaSummaryView] })
  readonly data!: readonly SchemaSummaryView[];

  @ApiProperty({ type: String, nullable: true })
  readonly nextCursor!: string | null;
}

/** Shows a version of a schema. */
export const schemaView = ({ subject, version }: FoundSchema): SchemaView => ({
  uid: subject.uid,
  topic: subject.topic,
  type: subject.type,
  version: version.number,
  newestVersion: subject.newest,
  compatibility: subject.compatibility,
  schema: version.schema,
  createdAt: version.createdAt.toISOString(),
});

/** Shows an event type that has schemas. */
export const schemaSummaryView = (subject: SchemaSubject): SchemaSummaryView => ({
  uid: subject.uid,
  type: subject.type,
  newestVersion: subject.newest,
  compatibility: subject.compatibility,
});
