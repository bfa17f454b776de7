import { errors } from 'undici';
import { errorCode } from '../../../common/errors/error-code.js';
import { AddressForbidden } from '../../../common/net/guarded-lookup.js';
import type { AttemptFault } from '../../../kafka/contracts/delivery-shapes.js';

/** An attempt that ended without a complete answer. */
export interface ConnectionFailure {
  /** `refused`: another attempt would end the same. */
  readonly outcome: 'failed' | 'refused';
  readonly error: AttemptFault;
}

/** Codes of OpenSSL and Node about certificates and the protocol. */
const tlsCode =
  /CERT|CRL|^ERR_(?:TLS|SSL)_|^UNABLE_TO_|^(?:EPROTO|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED)$/;

const nameCode = /^(?:ENOTFOUND|EAI_.*|ENODATA|ESERVFAIL)$/;

const isTimeout = (error: unknown): boolean => error instanceof errors.ConnectTimeoutError;

/** Whether what was read is not the HTTP answer of one request. */
const isInvalidAnswer = (error: unknown): boolean =>
  error instanceof errors.HTTPParserError ||
  error instanceof errors.HeadersOverflowError ||
  error instanceof errors.ResponseContentLengthMismatchError ||
  // A 100 or 101 that nobody asked for has no class of its own.
  (error instanceof errors.SocketError && /^bad (?:response|upgrade)$/.test(error.message));

const failed = (code: string, message: string): ConnectionFailure => ({
  outcome: 'failed',
  error: { code, message },
});

const refused = ({ host }: AddressForbidden): ConnectionFailure => ({
  outcome: 'refused',
  error: {
    code: 'WEBHOOKS.ADDRESS_FORBIDDEN',
    message: `${host} is, or resolves to, an address that webhooks may not reach.`,
  },
});

/**
 * Tells what a receiver or the network did from the error that undici or Node made of it. The
 * error's text stays inside (it may name addresses); its code is given on.
 */
export function connectionFailure(error: Error): ConnectionFailure {
  if (error instanceof AddressForbidden) return refused(error);
  const cause = errorCode(error) ?? error.name;
  if (isTimeout(error))
    return failed('WEBHOOKS.TIMEOUT_CONNECT', 'The receiver could not be connected to in time.');
  if (nameCode.test(cause))
    return failed('WEBHOOKS.NAME_UNRESOLVED', `The receiver's name has no address (${cause}).`);
  if (tlsCode.test(cause))
    return failed('WEBHOOKS.TLS_FAILED', `TLS with the receiver failed (${cause}).`);
  if (isInvalidAnswer(error))
    return failed('WEBHOOKS.ANSWER_INVALID', `The answer is not valid HTTP (${cause}).`);
  return failed('WEBHOOKS.CONNECTION_FAILED', `The connection failed (${cause}).`);
}
