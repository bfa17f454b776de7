import { Logger } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';

/**
 * Writes a line per answered request at debug level: method, path, status, time, id. Queries and
 * headers are left out, as they may hold secrets.
 */
export function logRequests(server: FastifyInstance): void {
  const logger = new Logger('Http');
  server.addHook('onResponse', (request, reply, done) => {
    logger.debug({
      requestId: request.id,
      method: request.method,
      path: request.url.split('?', 1)[0],
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      message: 'answered',
    });
    done();
  });
}
