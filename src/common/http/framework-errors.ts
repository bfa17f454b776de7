import { HttpException } from '@nestjs/common';
import { isError } from '../errors/is-error.js';

import type { MillraceError } from '../errors/millrace-error.js';
import {
  BodyIncomplete,
  MalformedJson,
  MalformedUrl,
  RequestInvalid,
  RequestTooLarge,
  RouteNotFound,
  ShuttingDown,
  UnsupportedContentType,
} from './request-errors.js';

interface CodedError {
  readonly code?: unknown;
  readonly statusCode?: unknown;
}

/** Fastify's codes (fastify.dev/docs/latest/Reference/Errors) that a client can cause. */
const BY_FASTIFY_CODE: Readonly<Record<string, () => MillraceError>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () =>
    new RequestTooLarge('The body is larger than this route takes.'),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    new UnsupportedContentType('This route does not take this content type.'),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    new BodyIncomplete('The body is not as long as its Content-Length says.'),
  FST_ERR_CTP_EMPTY_JSON_BODY: () => new MalformedJson('The body is empty.'),
  FST_ERR_CTP_INVALID_JSON_BODY: () => new MalformedJson('The body is not valid JSON.'),
  FST_ERR_BAD_URL: () => new MalformedUrl('The URL has a % that no two hex digits follow.'),
  FST_ERR_MAX_PARAM_LENGTH: () => new MalformedUrl('A part of the URL is too long.'),
};

function byStatus(status: number): MillraceError | undefined {
  switch (status) {
    case 404:
      return new RouteNotFound('No route has this path.');
    case 413:
      return new RequestTooLarge('The body is larger than this route takes.');
    case 415:
      return new UnsupportedContentType('This route does not take this content type.');
    case 503:
      return new ShuttingDown('The server is shutting down.');
    default:
      return status >= 400 && status < 500
        ? new RequestInvalid('The request is invalid.')
        : undefined;
  }
}

function ofFastify(error: Error & CodedError): MillraceError | undefined {
  const known = typeof error.code === 'string' ? BY_FASTIFY_CODE[error.code] : undefined;
  if (known) return known();
  // Fastify marks what went wrong while it read the body with 400; Node calls a body "aborted".
  const aborted = error.code === 'ECONNRESET' && error.message === 'aborted';
  return aborted || error.statusCode === 400
    ? new BodyIncomplete('The body could not be read to its end.')
    : undefined;
}

/**
 * What an error of Nest or Fastify means, in our words; undefined when the caller did not cause
 * it. Their own messages are not passed on, as they may quote the input or the inside.
 */
export function frameworkError(error: unknown): MillraceError | undefined {
  if (error instanceof HttpException) {
    return frameworkError(error.cause) ?? byStatus(error.getStatus());
  }
  return isError(error) ? ofFastify(error) : undefined;
}
