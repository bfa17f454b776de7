import { MillraceError, type ErrorKind } from '../../common/errors/millrace-error.js';

/** Base of what can go wrong between Millrace and Kafka's log. */
export abstract class LogError extends MillraceError {}

/** Kafka did not answer, or answered that it cannot now. The record is perhaps stored. */
export class LogUnavailable extends LogError {
  readonly code = 'LOG.UNAVAILABLE';
  readonly kind: ErrorKind = 'unavailable';
  override get retryAfterSeconds(): number {
    return 1;
  }
}

/** More waits to be sent than the bound allows; nothing of this call was sent. */
export class LogOverloaded extends LogError {
  readonly code = 'LOG.OVERLOADED';
  readonly kind: ErrorKind = 'overloaded';
  override get retryAfterSeconds(): number {
    return 1;
  }
}

/** Kafka refuses a record of this size for this topic. */
export class LogRecordTooLarge extends LogError {
  readonly code = 'LOG.RECORD_TOO_LARGE';
  readonly kind: ErrorKind = 'too-large';
}

/** The topic is not in Kafka, or was deleted and made again under the same name. */
export class LogTopicGone extends LogError {
  readonly code = 'LOG.TOPIC_GONE';
  readonly kind: ErrorKind = 'not-found';
}

/** The topic is already in Kafka. */
export class LogTopicExists extends LogError {
  readonly code = 'LOG.TOPIC_EXISTS';
  readonly kind: ErrorKind = 'conflict';
}

/** Kafka says the request is wrong: a bad topic name, config or partition count. */
export class LogRequestInvalid extends LogError {
  readonly code = 'LOG.REQUEST_INVALID';
  readonly kind: ErrorKind = 'invalid';
}

/** The position is before the log's start or after its end. */
export class LogOffsetOutOfRange extends LogError {
  readonly code = 'LOG.OFFSET_OUT_OF_RANGE';
  readonly kind: ErrorKind = 'conflict';
  constructor(
    readonly bounds: {
      readonly requested: number;
      readonly startOffset: number;
      readonly endOffset: number;
    },
  ) {
    super(
      `Offset ${bounds.requested} is outside the log, which holds ${bounds.startOffset} to ${bounds.endOffset}.`,
      bounds,
    );
  }
}

/** This member is not in its group's current generation any more, or does not hold the partition. */
export class LogMembershipLost extends LogError {
  readonly code = 'LOG.MEMBERSHIP_LOST';
  readonly kind: ErrorKind = 'conflict';
}

/** A stored batch is damaged, or packed with a codec that this Node.js lacks (zstd before 22.15). */
export class LogUnreadable extends LogError {
  readonly code = 'LOG.UNREADABLE';
  readonly kind: ErrorKind = 'internal';
}
