import { types } from 'node:util';
import { MillraceError, type ErrorKind } from '../common/errors/millrace-error.js';

/** Postgres cannot be reached, or ended the session. The same request may succeed in a moment. */
export class DatabaseUnavailable extends MillraceError {
  readonly code = 'DATABASE.UNAVAILABLE';
  readonly kind: ErrorKind = 'unavailable';

  constructor(options?: ErrorOptions) {
    super('The database does not answer at the moment.', {}, options);
  }

  override get retryAfterSeconds(): number {
    return 1;
  }
}

/** Node's codes of a connection that could not be made or was lost. */
const networkCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'EAI_AGAIN',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/**
 * SQLSTATEs of a server that cannot serve now: class 08 (connection), 53 (too many connections, no
 * memory or disk), 57P (shutting down, starting up), and 57014, 25P03, which end a statement or
 * transaction by a time limit.
 */
const unavailableState = /^(?:08[0-9A-Z]{3}|53[0-9A-Z]{3}|57P0[1-5]|57014|25P03)$/;

/** What `pg` says, without a code, of connections that ended or were not had in time. */
const driverMessage =
  /^(?:Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client has encountered a connection error|Client was closed and is not queryable|Cannot use a pool after calling end|Driver not Connected)/;

/** What TypeORM throws when the session went away beneath an open transaction. */
const sessionLost: ReadonlySet<string> = new Set([
  'QueryRunnerAlreadyReleasedError',
  'QueryRunnerProviderAlreadyReleasedError',
]);

function meansUnavailable(error: Error): boolean {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const cameFromNode = 'syscall' in error;
  if (code !== undefined && networkCodes.has(code)) return cameFromNode;
  if (code !== undefined && unavailableState.test(code)) return true;
  return sessionLost.has(error.name) || driverMessage.test(error.message);
}

/** Also true of errors from another realm, as Node's own are inside a VM context. */
const isError = (value: unknown): value is Error =>
  types.isNativeError(value) || value instanceof Error;

/** The errors that a driver's error stands for: its wrapped one, or those of its attempts. */
function causesOf(error: Error): readonly Error[] {
  const driverError = 'driverError' in error ? error.driverError : undefined;
  const attempts = 'errors' in error && Array.isArray(error.errors) ? error.errors : [];
  return [driverError, error.cause, ...attempts].filter(isError);
}

/**
 * Turns what `pg` or TypeORM throw when Postgres is gone, going or not answering in time into
 * DatabaseUnavailable, with the original as its cause. Any other error is returned as it is.
 */
export function translateDatabaseError(error: unknown): unknown {
  if (!isError(error) || error instanceof MillraceError) return error;
  const affected = [error, ...causesOf(error)].some(meansUnavailable);
  return affected ? new DatabaseUnavailable({ cause: error }) : error;
}
