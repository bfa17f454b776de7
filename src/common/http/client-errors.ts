import { STATUS_CODES } from 'node:http';
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

/** Answers what never became a request (or never ended as one), and closes the connection. */
export function answerClientError(error: ClientError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
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
