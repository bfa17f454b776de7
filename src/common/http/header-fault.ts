import type { FastifyRequest } from 'fastify';

import { MalformedHttp, UnsupportedContentEncoding, type RequestError } from './request-errors.js';

/**
 * What is wrong with a request's headers beyond what the parser checks. Node would refuse a
 * missing Host (RFC 9112, section 3.2) with an empty body; a packed body (RFC 9110, section 8.4)
 * would be taken for the content itself.
 */
export function headerFault({ raw, headers }: FastifyRequest): RequestError | undefined {
  if (headers.host === undefined && raw.httpVersion === '1.1') {
    return new MalformedHttp('An HTTP/1.1 request needs a Host header.');
  }
  const encoding = headers['content-encoding'];
  return encoding === undefined || encoding === 'identity'
    ? undefined
    : new UnsupportedContentEncoding('Bodies are taken as they are, without a Content-Encoding.');
}
