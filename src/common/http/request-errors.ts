import { MillraceError, type ErrorKind } from '../errors/millrace-error.js';

/** Base of what is wrong with a request before any module looks at it. */
export abstract class RequestError extends MillraceError {}

/** One field that broke a rule; `path` is dotted, with indexes. */
export interface FieldFault {
  readonly path: string;
  readonly message: string;
}

/** The bytes are not HTTP, or break a rule of it. */
export class MalformedHttp extends RequestError {
  readonly code = 'REQUEST.MALFORMED_HTTP';
  readonly kind: ErrorKind = 'invalid';
}

/** The headers together are larger than the server reads. Answered with 431. */
export class HeadersTooLarge extends RequestError {
  readonly code = 'REQUEST.HEADERS_TOO_LARGE';
  readonly kind: ErrorKind = 'too-large';
}

/** The URL cannot be decoded. */
export class MalformedUrl extends RequestError {
  readonly code = 'REQUEST.MALFORMED_URL';
  readonly kind: ErrorKind = 'invalid';
}

/** The request did not arrive in time; the connection is closed. */
export class RequestTimedOutArriving extends RequestError {
  readonly code = 'REQUEST.TIMED_OUT';
  readonly kind: ErrorKind = 'timeout';
}

/** The body ended early, or is not as long as its Content-Length says. */
export class BodyIncomplete extends RequestError {
  readonly code = 'REQUEST.BODY_INCOMPLETE';
  readonly kind: ErrorKind = 'invalid';
}

/** The body is not JSON. */
export class MalformedJson extends RequestError {
  readonly code = 'REQUEST.MALFORMED_JSON';
  readonly kind: ErrorKind = 'invalid';
}

/** The body's bytes are not UTF-8. */
export class InvalidUtf8 extends RequestError {
  readonly code = 'REQUEST.INVALID_UTF8';
  readonly kind: ErrorKind = 'invalid';
}

/** The body has a key such as `__proto__` that could change objects of the server. */
export class ForbiddenKey extends RequestError {
  readonly code = 'REQUEST.FORBIDDEN_KEY';
  readonly kind: ErrorKind = 'invalid';
}

/** The route does not take a body of this content type. */
export class UnsupportedContentType extends RequestError {
  readonly code = 'REQUEST.UNSUPPORTED_CONTENT_TYPE';
  readonly kind: ErrorKind = 'unsupported-media-type';
}

/** The body is packed, and nothing here unpacks it. */
export class UnsupportedContentEncoding extends RequestError {
  readonly code = 'REQUEST.UNSUPPORTED_CONTENT_ENCODING';
  readonly kind: ErrorKind = 'unsupported-media-type';
}

/** The body is larger than the route takes. */
export class RequestTooLarge extends RequestError {
  readonly code = 'REQUEST.TOO_LARGE';
  readonly kind: ErrorKind = 'too-large';
}

/** Other requests' bodies take all the memory that there is for them. */
export class TooManyBodies extends RequestError {
  readonly code = 'REQUEST.TOO_MANY_BODIES';
  readonly kind: ErrorKind = 'overloaded';
  override get retryAfterSeconds(): number {
    return 1;
  }
}

/** No route has this path. */
export class RouteNotFound extends RequestError {
  readonly code = 'REQUEST.ROUTE_NOT_FOUND';
  readonly kind: ErrorKind = 'not-found';
}

/** The path exists, but not with this method. */
export class MethodNotAllowed extends RequestError {
  readonly code = 'REQUEST.METHOD_NOT_ALLOWED';
  readonly kind: ErrorKind = 'method-not-allowed';
  /** @param allow the methods that the path has */
  constructor(readonly allow: readonly string[]) {
    super(`This path answers ${allow.join(', ')} only.`, { allow });
  }
}

/** A field of the body or a query parameter that the route does not know. */
export class UnknownField extends RequestError {
  readonly code = 'REQUEST.UNKNOWN_FIELD';
  readonly kind: ErrorKind = 'invalid';
  constructor(fields: readonly string[]) {
    super(`Unknown ${fields.length === 1 ? 'field' : 'fields'}: ${fields.join(', ')}.`, { fields });
  }
}

/** Fields that break the route's rules. */
export class RequestInvalid extends RequestError {
  readonly code = 'REQUEST.INVALID';
  readonly kind: ErrorKind = 'invalid';
  constructor(message: string, errors: readonly FieldFault[] = []) {
    super(message, errors.length > 0 ? { errors } : {});
  }
}

/** The process is shutting down. */
export class ShuttingDown extends RequestError {
  readonly code = 'REQUEST.SHUTTING_DOWN';
  readonly kind: ErrorKind = 'unavailable';
}

/** Something went wrong that the caller cannot help; the log has it under the request's id. */
export class UnexpectedFailure extends RequestError {
  readonly code = 'INTERNAL.UNEXPECTED';
  readonly kind: ErrorKind = 'internal';
  constructor() {
    super('Something went wrong that nobody expected.');
  }
}
