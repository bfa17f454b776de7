import type { FastifyReply } from 'fastify';

import { problemOf } from './problem.js';

/** Answers a Fastify request with the problem that an error stands for. */
export function sendProblem(reply: FastifyReply, error: unknown): FastifyReply {
  const { status, headers, body } = problemOf(error, reply.request.id);
  return reply.code(status).headers(headers).send(JSON.stringify(body));
}
