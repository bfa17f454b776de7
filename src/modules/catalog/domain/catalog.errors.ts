import { MillraceError, type ErrorKind } from '../../../common/errors/millrace-error.js';

/** Base of what the catalog refuses. */
export abstract class CatalogError extends MillraceError {}

/** A name that no topic can have. */
export class TopicNameInvalid extends CatalogError {
  readonly code = 'CATALOG.TOPIC_NAME_INVALID';
  readonly kind: ErrorKind = 'invalid';
}

/** The catalog has no such topic. */
export class TopicNotFound extends CatalogError {
  readonly code = 'CATALOG.TOPIC_NOT_FOUND';
  readonly kind: ErrorKind = 'not-found';
  constructor(topic: string) {
    super(`There is no topic "${topic}".`, { topic });
  }
}

/** Another request makes or deletes the same topic at this moment. */
export class TopicBusy extends CatalogError {
  readonly code = 'CATALOG.TOPIC_BUSY';
  readonly kind: ErrorKind = 'unavailable';
  constructor(topic: string) {
    super(`The topic "${topic}" is being made or deleted; try again.`, { topic });
  }
  override get retryAfterSeconds(): number {
    return 1;
  }
}

/** The topic was adopted: Millrace changes and deletes nothing of it in Kafka. */
export class TopicNotManaged extends CatalogError {
  readonly code = 'CATALOG.TOPIC_NOT_MANAGED';
  readonly kind: ErrorKind = 'conflict';
}

/** The topic was deleted in Kafka, and was not made by Millrace. */
export class TopicMissingInKafka extends CatalogError {
  readonly code = 'CATALOG.TOPIC_MISSING_IN_KAFKA';
  readonly kind: ErrorKind = 'conflict';
}

/** Kafka cannot take partitions away. */
export class PartitionsCannotShrink extends CatalogError {
  readonly code = 'CATALOG.PARTITIONS_CANNOT_SHRINK';
  readonly kind: ErrorKind = 'conflict';
}

/** More partitions end the order by key across that point, and nobody asked for that. */
export class ReorderNotAllowed extends CatalogError {
  readonly code = 'CATALOG.REORDER_NOT_ALLOWED';
  readonly kind: ErrorKind = 'conflict';
}

/** The replication factor of a topic is fixed when it is made. */
export class ReplicationFixed extends CatalogError {
  readonly code = 'CATALOG.REPLICATION_FIXED';
  readonly kind: ErrorKind = 'conflict';
}

/** Deleting a managed topic deletes its events, which must be asked for. */
export class DataDeleteRequired extends CatalogError {
  readonly code = 'CATALOG.DATA_DELETE_REQUIRED';
  readonly kind: ErrorKind = 'conflict';
  constructor(topic: string) {
    super(`Deleting "${topic}" deletes its events in Kafka: say so with ?data=delete.`, { topic });
  }
}

/** The topic still has subscriptions. */
export class TopicHasSubscriptions extends CatalogError {
  readonly code = 'CATALOG.TOPIC_HAS_SUBSCRIPTIONS';
  readonly kind: ErrorKind = 'conflict';
  constructor(topic: string, count: number) {
    super(`"${topic}" has ${count} subscriptions; delete them first.`, { topic, count });
  }
}

/** A tenant's key reads the catalog; topics and schemas are the operator's. */
export class CatalogReadOnly extends CatalogError {
  readonly code = 'CATALOG.READ_ONLY_FOR_TENANTS';
  readonly kind: ErrorKind = 'forbidden';
  constructor() {
    super('A key that belongs to a tenant cannot change topics and schemas.');
  }
}

/** An event type that no schema can be registered for. */
export class EventTypeInvalid extends CatalogError {
  readonly code = 'CATALOG.EVENT_TYPE_INVALID';
  readonly kind: ErrorKind = 'invalid';
}

/** No schema of this type, or not of this version. */
export class SchemaNotFound extends CatalogError {
  readonly code = 'CATALOG.SCHEMA_NOT_FOUND';
  readonly kind: ErrorKind = 'not-found';
}

/** The schema is larger or deeper than the limits. */
export class SchemaTooLarge extends CatalogError {
  readonly code = 'CATALOG.SCHEMA_TOO_LARGE';
  readonly kind: ErrorKind = 'too-large';
}

/** Versions are only ever added: the named one is there with another schema, or is not the next. */
export class SchemaVersionConflict extends CatalogError {
  readonly code = 'CATALOG.SCHEMA_VERSION_CONFLICT';
  readonly kind: ErrorKind = 'conflict';
}

/** The schema breaks the promise of the type's compatibility mode; `details.faults` says where. */
export class SchemaIncompatible extends CatalogError {
  readonly code = 'CATALOG.INCOMPATIBLE_SCHEMA';
  readonly kind: ErrorKind = 'conflict';
}

/** The schema uses a keyword for which compatibility is not decided. */
export class CompatibilityUndecidable extends CatalogError {
  readonly code = 'CATALOG.COMPATIBILITY_UNDECIDABLE';
  readonly kind: ErrorKind = 'conflict';
}
