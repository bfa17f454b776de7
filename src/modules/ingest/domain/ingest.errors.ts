import { MillraceError, type ErrorKind } from '../../../common/errors/millrace-error.js';

/** Base of why events are not taken. */
export abstract class IngestError extends MillraceError {}

/** Base of a fault of one event; in a batch its details name the event's `index` (from 0). */
export abstract class EventRefused extends IngestError {
  /** The same fault, told of the event at `index` of a batch. */
  inBatch(index: number): EventRefused {
    const SameError = this.constructor as new (
      message: string,
      details: EventRefused['details'],
    ) => EventRefused;
    return new SameError(`Event ${index} of the batch: ${this.message}`, {
      ...this.details,
      index,
    });
  }
}

/** No topic of this name is registered. */
export class TopicUnknown extends IngestError {
  readonly code = 'INGEST.TOPIC_UNKNOWN';
  readonly kind: ErrorKind = 'not-found';
  constructor(topic: string) {
    super(`There is no topic "${topic}".`, { topic });
  }
}

/** Key, headers and data of an event together are over the topic's bound. */
export class EventTooLarge extends EventRefused {
  readonly code = 'INGEST.EVENT_TOO_LARGE';
  readonly kind: ErrorKind = 'too-large';
}

/** More events in one request than it may carry. */
export class BatchTooLarge extends IngestError {
  readonly code = 'INGEST.BATCH_TOO_LARGE';
  readonly kind: ErrorKind = 'too-large';
}

/** The request has no body, and it is not a binary CloudEvent, which needs none. */
export class BodyEmpty extends IngestError {
  readonly code = 'INGEST.BODY_EMPTY';
  readonly kind: ErrorKind = 'invalid';
}

/** A tenant's key sends an event that names another tenant. */
export class TenantMismatch extends EventRefused {
  readonly code = 'INGEST.TENANT_MISMATCH';
  readonly kind: ErrorKind = 'forbidden';
}

/** The topic demands that events fit their schema, and this one does not. */
export class SchemaMismatch extends EventRefused {
  readonly code = 'INGEST.SCHEMA_MISMATCH';
  readonly kind: ErrorKind = 'invalid';
}

/** The topic demands schemas, and the event's type has none (nor is there one for `*`). */
export class SchemaMissing extends EventRefused {
  readonly code = 'INGEST.SCHEMA_MISSING';
  readonly kind: ErrorKind = 'invalid';
}

/** A registered schema cannot be compiled here, so its events cannot be judged. */
export class SchemaUnusable extends EventRefused {
  readonly code = 'INGEST.SCHEMA_UNUSABLE';
  readonly kind: ErrorKind = 'internal';
}

/**
 * Some events of a batch were not stored, or perhaps not. `details.events` tells of each, in the
 * order sent: where it was stored, or its error. Send those again with the same ids.
 */
export class PartlyStored extends IngestError {
  readonly code = 'INGEST.PARTLY_STORED';
  readonly kind: ErrorKind = 'unavailable';
  override get retryAfterSeconds(): number {
    return 1;
  }
}
