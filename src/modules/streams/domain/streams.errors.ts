import { MillraceError, type ErrorKind } from '../../../common/errors/millrace-error.js';

/** No stream subscription of this id, or it is another tenant's. */
export class StreamNotFound extends MillraceError {
  readonly code = 'STREAMS.NOT_FOUND';
  readonly kind: ErrorKind = 'not-found';
  constructor(id: string) {
    super(`There is no stream subscription ${id}.`, { id });
  }
}

/** The subscription's topic is gone; nothing more can be read. */
export class StreamBroken extends MillraceError {
  readonly code = 'STREAMS.SUBSCRIPTION_BROKEN';
  readonly kind: ErrorKind = 'conflict';
  constructor(id: string, reason: string | null) {
    super(`The subscription ${id} is broken: ${reason ?? 'its topic is gone'}.`, { id });
  }
}

/** The text is no cursor, or one of another subscription. */
export class CursorInvalid extends MillraceError {
  readonly code = 'STREAMS.CURSOR_INVALID';
  readonly kind: ErrorKind = 'invalid';
  constructor(message = 'This is not a cursor of this subscription.') {
    super(message);
  }
}

/** Another reader took a partition over; what the former one says of it no longer counts. */
export class LeaseLost extends MillraceError {
  readonly code = 'STREAMS.LEASE_LOST';
  readonly kind: ErrorKind = 'conflict';
  constructor(lost: readonly number[], committed: readonly number[]) {
    super('Another reader has taken over partitions of this cursor; they were not committed.', {
      lost,
      committed,
    });
  }
}

/** `from` cannot be understood. */
export class FromInvalid extends MillraceError {
  readonly code = 'STREAMS.FROM_INVALID';
  readonly kind: ErrorKind = 'invalid';
}

/** A query parameter is out of its range. */
export class ParameterInvalid extends MillraceError {
  readonly code = 'STREAMS.PARAMETER_INVALID';
  readonly kind: ErrorKind = 'invalid';
}

/** This process serves as many readers as it may. */
export class TooManyReaders extends MillraceError {
  readonly code = 'STREAMS.TOO_MANY_READERS';
  readonly kind: ErrorKind = 'overloaded';
  constructor(limit: number) {
    super(`This process serves at most ${limit} readers at once.`, { limit });
  }
  override get retryAfterSeconds(): number {
    return 5;
  }
}

/** The process drains; another one, or this one after its restart, will serve the reader. */
export class StreamsDraining extends MillraceError {
  readonly code = 'STREAMS.DRAINING';
  readonly kind: ErrorKind = 'unavailable';
  constructor() {
    super('This process is shutting down.');
  }
  override get retryAfterSeconds(): number {
    return 1;
  }
}

/** The topic to look into is not registered, or is not for this tenant. */
export class StreamTopicUnknown extends MillraceError {
  readonly code = 'STREAMS.TOPIC_UNKNOWN';
  readonly kind: ErrorKind = 'not-found';
  constructor(topic: string) {
    super(`There is no topic ${topic}.`, { topic });
  }
}

/** No event at this place: never written, expired, compacted away, or another tenant's. */
export class EventNotFound extends MillraceError {
  readonly code = 'STREAMS.EVENT_NOT_FOUND';
  readonly kind: ErrorKind = 'not-found';
  constructor(topic: string, partition: number, offset: number) {
    super('There is no event at this place.', { topic, partition, offset });
  }
}

/** None of the formats that the caller accepts is offered. */
export class FormatUnknown extends MillraceError {
  readonly code = 'STREAMS.FORMAT_UNKNOWN';
  readonly kind: ErrorKind = 'invalid';
  constructor() {
    super('Accept text/event-stream, application/x-ndjson or application/json.');
  }
}
