import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { ServerResponse } from 'node:http';
import { isError } from '../errors/is-error.js';
import { throwError, type Observable } from 'rxjs';

import { problemOf, visibleError } from './problem.js';
import { sendProblem } from './send-problem.js';

type Answer = FastifyReply | ServerResponse;

const isReply = (answer: Answer): answer is FastifyReply => 'raw' in answer;

/**
 * Answers every error of an HTTP request with problem+json, and writes down those that the caller
 * could not have caused. Errors of Kafka messages are passed on to the transport, which answers
 * them its own way.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Http');

  /** @returns for a Kafka message: an observable that fails with the error */
  catch(error: unknown, host: ArgumentsHost): void | Observable<never> {
    if (host.getType() !== 'http') return throwError(() => error);
    const answer = host.switchToHttp().getResponse<Answer>();
    this.writeDown(error, isReply(answer) ? answer.request.id : undefined);
    if (isReply(answer)) this.reply(answer, error);
    else this.end(answer, error);
  }

  private writeDown(error: unknown, requestId: string | undefined): void {
    if (visibleError(error).kind !== 'internal') return;
    const stack = isError(error) ? error.stack : undefined;
    this.logger.error({ requestId, message: String(error), stack, cause: causeOf(error) });
  }

  private reply(reply: FastifyReply, error: unknown): void {
    if (!reply.sent && !reply.raw.headersSent) sendProblem(reply, error);
    else if (!reply.raw.writableEnded) reply.raw.destroy();
  }

  /** A middleware's answer is Node's own. */
  private end(response: ServerResponse, error: unknown): void {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const { status, headers, body } = problemOf(error);
    response.writeHead(status, headers).end(JSON.stringify(body));
  }
}

const causeOf = (error: unknown): string | undefined =>
  isError(error) && error.cause !== undefined ? String(error.cause) : undefined;
