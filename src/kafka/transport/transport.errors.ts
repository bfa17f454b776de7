import {
  MillraceError,
  type ErrorDetails,
  type ErrorKind,
} from '../../common/errors/millrace-error.js';

/** No reply came before the deadline. The request was perhaps executed. */
export class RequestTimedOut extends MillraceError {
  readonly code = 'TRANSPORT.REQUEST_TIMED_OUT';
  readonly kind: ErrorKind = 'unavailable';
  constructor(contract: string, timeoutMs: number) {
    super(`No reply to ${contract} within ${timeoutMs} ms.`, { contract, timeoutMs });
  }
  override get retryAfterSeconds(): number {
    return 1;
  }
}

/** Kafka does not answer, so the message was not sent. */
export class TransportUnavailable extends MillraceError {
  readonly code = 'TRANSPORT.UNAVAILABLE';
  readonly kind: ErrorKind = 'unavailable';
  override get retryAfterSeconds(): number {
    return 1;
  }
}

/** The request came after its deadline and was not executed. */
export class DeadlinePassed extends MillraceError {
  readonly code = 'TRANSPORT.DEADLINE_PASSED';
  readonly kind: ErrorKind = 'timeout';
}

/** A message does not fit its contract's schema, or is no JSON at all. */
export class ContractViolated extends MillraceError {
  readonly code = 'TRANSPORT.CONTRACT_VIOLATED';
  readonly kind: ErrorKind = 'invalid';
}

/** What a handler returned does not fit its contract's reply schema: a mistake of the handler. */
export class ReplyInvalid extends MillraceError {
  readonly code = 'TRANSPORT.REPLY_INVALID';
  readonly kind: ErrorKind = 'internal';
}

/** An event's handler did not end in time; the attempt counts as failed. */
export class HandlerTimedOut extends MillraceError {
  readonly code = 'TRANSPORT.HANDLER_TIMED_OUT';
  readonly kind: ErrorKind = 'timeout';
}

/** Every try of an event ended with the process, or was never brought to an end. */
export class HandlingNeverEnded extends MillraceError {
  readonly code = 'TRANSPORT.HANDLING_NEVER_ENDED';
  readonly kind: ErrorKind = 'internal';
}

/** A topic that Millrace made for itself is not as it must be: somebody else made or changed it. */
export class InternalTopicMisshapen extends MillraceError {
  readonly code = 'TRANSPORT.TOPIC_MISSHAPEN';
  readonly kind: ErrorKind = 'internal';
}

/** An internal message lacks the signature made with the installation's key. */
export class MessageNotAuthentic extends MillraceError {
  readonly code = 'TRANSPORT.NOT_AUTHENTIC';
  readonly kind: ErrorKind = 'unauthenticated';
}

/** A state or event is too large for one Kafka record. */
export class OutboxRecordTooLarge extends MillraceError {
  readonly code = 'TRANSPORT.RECORD_TOO_LARGE';
  readonly kind: ErrorKind = 'too-large';
}

/** No module of this name runs in this process, so its dead letters are not served here. */
export class ModuleNotHere extends MillraceError {
  readonly code = 'TRANSPORT.MODULE_NOT_HERE';
  readonly kind: ErrorKind = 'not-found';
}

/** No dead letter of this id waits. */
export class DeadLetterNotFound extends MillraceError {
  readonly code = 'TRANSPORT.DEAD_LETTER_NOT_FOUND';
  readonly kind: ErrorKind = 'not-found';
}

/** What crosses Kafka of an error. */
export interface ErrorOnWire {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly message: string;
  readonly details: ErrorDetails;
}

/** The error that the other side answered with: same code, kind, message and details. */
export class RemoteError extends MillraceError {
  readonly code: string;
  readonly kind: ErrorKind;
  constructor(error: ErrorOnWire) {
    super(error.message, error.details);
    this.code = error.code;
    this.kind = error.kind;
  }
}
