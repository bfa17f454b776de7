/**
 * What went wrong, independent of the way the request came in. The HTTP edge maps it to a status
 * (`src/common/http`), the Kafka edge puts it into the reply.
 */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'method-not-allowed'
  | 'timeout'
  | 'conflict'
  | 'precondition-failed'
  | 'too-large'
  | 'unsupported-media-type'
  | 'overloaded'
  | 'unavailable'
  | 'internal';

/** Structured facts about an error, sent to the caller beside the code. Never secrets. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/**
 * Base of every error that a caller may see. Subclasses are named for what happened and carry a
 * stable `code` of the form `AREA.WHAT_HAPPENED`, each documented in docs/errors.md (held by
 * test/architecture). `message` is one sentence for people.
 */
export abstract class MillraceError extends Error {
  /** Stable and documented: `INGEST.EVENT_TOO_LARGE`. */
  abstract readonly code: string;
  abstract readonly kind: ErrorKind;

  constructor(
    message: string,
    readonly details: ErrorDetails = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }

  /** Seconds after which the same request may succeed; becomes `Retry-After`. */
  get retryAfterSeconds(): number | undefined {
    return undefined;
  }
}
