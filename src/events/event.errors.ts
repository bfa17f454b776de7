import { MillraceError, type ErrorKind } from '../common/errors/millrace-error.js';

/** Base of the faults of an incoming event; every subclass keeps this constructor. */
export abstract class EventError extends MillraceError {
  readonly kind: ErrorKind = 'invalid';

  /** The same fault, told of the event at `index` (from 0) of a batch. */
  inBatch(index: number): EventError {
    const SameError = this.constructor as new (
      message: string,
      details: EventError['details'],
    ) => EventError;
    return new SameError(`Event ${index} of the batch: ${this.message}`, {
      ...this.details,
      index,
    });
  }
}

/** The body, or what should be JSON data, does not parse. */
export class MalformedJson extends EventError {
  readonly code = 'EVENTS.MALFORMED_JSON';
}

/** Bytes that must be text are not valid UTF-8. */
export class InvalidUtf8 extends EventError {
  readonly code = 'EVENTS.INVALID_UTF8';
}

/** What should be an event, or a batch of them, is JSON of another shape. */
export class NotAnEvent extends EventError {
  readonly code = 'EVENTS.NOT_AN_EVENT';
}

/** A required attribute (id, source, type, specversion) is not there. */
export class AttributeMissing extends EventError {
  readonly code = 'EVENTS.ATTRIBUTE_MISSING';
}

/** An attribute's name breaks CloudEvents' naming rule. */
export class AttributeNameInvalid extends EventError {
  readonly code = 'EVENTS.ATTRIBUTE_NAME_INVALID';
}

/** An attribute's value breaks the rule of its type. */
export class AttributeInvalid extends EventError {
  readonly code = 'EVENTS.ATTRIBUTE_INVALID';
}

/** The event is of a CloudEvents version other than 1.0. */
export class SpecversionUnsupported extends EventError {
  readonly code = 'EVENTS.SPECVERSION_UNSUPPORTED';
}

/** `data` and `data_base64` exclude each other, or their value does not suit the content type. */
export class DataInvalid extends EventError {
  readonly code = 'EVENTS.DATA_INVALID';
}

/** A batch without an event. */
export class BatchEmpty extends EventError {
  readonly code = 'EVENTS.BATCH_EMPTY';
}

/** The query names a parameter that this way of sending does not have. */
export class ParameterUnknown extends EventError {
  readonly code = 'EVENTS.PARAMETER_UNKNOWN';
}

/** No way of sending has this content type. */
export class ContentTypeUnsupported extends EventError {
  readonly code = 'EVENTS.CONTENT_TYPE_UNSUPPORTED';
  override readonly kind: ErrorKind = 'unsupported-media-type';
}
