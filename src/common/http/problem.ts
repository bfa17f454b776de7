import { MillraceError, type ErrorKind } from '../errors/millrace-error.js';
import { translateError } from '../errors/error-translators.js';
import { frameworkError } from './framework-errors.js';
import { HeadersTooLarge, MethodNotAllowed, UnexpectedFailure } from './request-errors.js';

/** Content type of every error body (RFC 9457). */
export const PROBLEM_JSON = 'application/problem+json';

/** Body of an error answer: RFC 9457's members, the stable code, and the error's details. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  /** Finds the request in the log. */
  readonly requestId?: string;
  readonly [detail: string]: unknown;
}

/** An error as HTTP tells it. */
export interface Problem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ProblemBody;
}

const STATUS: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  'method-not-allowed': 405,
  timeout: 408,
  conflict: 409,
  'precondition-failed': 412,
  'too-large': 413,
  'unsupported-media-type': 415,
  overloaded: 429,
  internal: 500,
  unavailable: 503,
};

const statusOf = (error: MillraceError): number =>
  error instanceof HeadersTooLarge ? 431 : STATUS[error.kind];

function headersOf(error: MillraceError): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': PROBLEM_JSON };
  const waitable = error.kind === 'overloaded' || error.kind === 'unavailable';
  const retryAfter = error.retryAfterSeconds ?? (waitable ? 1 : undefined);
  if (retryAfter !== undefined) headers['retry-after'] = String(Math.ceil(retryAfter));
  if (error.kind === 'unauthenticated') headers['www-authenticate'] = 'Bearer realm="millrace"';
  if (error instanceof MethodNotAllowed) headers['allow'] = error.allow.join(', ');
  return headers;
}

/** All that is told of an internal error; the rest is in the log. */
const UNTOLD = 'Something went wrong here. The log has it under this request id.';

/** `INGEST.EVENT_TOO_LARGE` → `Event too large`. */
function titleOf(code: string): string {
  const words = code
    .slice(code.indexOf('.') + 1)
    .replaceAll('_', ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * The error that a caller may see: itself, what a library's error stands for, or
 * `INTERNAL.UNEXPECTED`, which tells nothing of the inside.
 */
export function visibleError(error: unknown): MillraceError {
  const translated = translateError(error);
  if (translated instanceof MillraceError) return translated;
  return frameworkError(translated) ?? new UnexpectedFailure();
}

/**
 * The HTTP answer for any error; never throws.
 * @param requestId put into the body, so that a caller can name the request
 */
export function problemOf(error: unknown, requestId?: string): Problem {
  const visible = visibleError(error);
  const status = statusOf(visible);
  const hidden = visible.kind === 'internal';
  const body: ProblemBody = {
    ...(hidden ? {} : visible.details),
    type: `urn:millrace:error:${visible.code}`,
    title: titleOf(visible.code),
    status,
    detail: hidden ? UNTOLD : visible.message,
    code: visible.code,
    ...(requestId === undefined ? {} : { requestId }),
  };
  return { status, headers: headersOf(visible), body };
}
