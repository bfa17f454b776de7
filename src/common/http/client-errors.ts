import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import { problemOf } from './problem.js';
import {
  BodyIncomplete,
  HeadersTooLarge,
  MalformedHttp,
  RequestTimedOutArriving,
  type RequestError,
} from './request-errors.js';

interface ClientError extends Error {
  readonly code?: string;
}

/** What Node's HTTP parser found wrong, in our words. */
export function ofParser(error: ClientError): RequestError {
  switch (error.code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new RequestTimedOutArriving('The request did not arrive in time.');
    case 'HPE_HEADER_OVERFLOW':
      return new HeadersTooLarge('The headers are larger than 16 KiB.');
    case 'HPE_INVALID_EOF_STATE':
      return new BodyIncomplete('The connection ended within the request.');
    default:
      return new MalformedHttp('This is not a valid HTTP/1.1 request.');
  }
}

/** A socket of Node's HTTP server, which keeps the answer that is being made for it. */
interface ServedSocket extends Socket {
  readonly _httpMessage?: ServerResponse | null;
}

/** The answer to an earlier, whole request that must go out before anything else does. */
function answerBefore({ _httpMessage: response }: ServedSocket): ServerResponse | undefined {
  return response?.req.complete && !response.writableEnded ? response : undefined;
}

function writeAndClose(error: ClientError, socket: Socket): void {
  const { status, headers, body } = problemOf(ofParser(error));
  const text = JSON.stringify(body);
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${Buffer.byteLength(text)}`,
    'connection: close',
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${text}`, () => socket.destroy());
}

/**
 * Answers what never became a request (or never ended as one), and closes the connection. Answers
 * to requests before it on the connection go first, so that none is taken for another's.
 */
export function answerClientError(error: ClientError, socket: ServedSocket): void {
  const earlier = answerBefore(socket);
  if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
  else if (earlier) earlier.once('close', () => answerClientError(error, socket));
  else writeAndClose(error, socket);
}
