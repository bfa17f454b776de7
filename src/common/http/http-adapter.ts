import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { useJsonBodies } from './body-parsers.js';
import { answerClientError } from './client-errors.js';
import { DEFAULT_HTTP_LIMITS, type HttpLimits } from './http-limits.js';
import { MalformedHttp, RouteNotFound, ShuttingDown } from './request-errors.js';
import { newRequestId } from './request-id.js';
import { RouteTable } from './route-table.js';
import { sendProblem } from './send-problem.js';
import { urlFault } from './url-fault.js';

/** The part of a Fastify server's options that Millrace fixes. */
const serverOptions = (limits: HttpLimits) => ({
  bodyLimit: limits.bodyLimitBytes,
  requestTimeout: limits.requestTimeoutMs,
  keepAliveTimeout: limits.keepAliveTimeoutMs,
  maxRequestsPerSocket: 0,
  forceCloseConnections: 'idle' as const,
  return503OnClosing: false,
  logger: false,
  genReqId: newRequestId,
  clientErrorHandler: answerClientError,
  frameworkErrors: (error: Error, _request: FastifyRequest, reply: FastifyReply) => {
    sendProblem(reply, error);
  },
  http: {
    headersTimeout: limits.headersTimeoutMs,
    connectionsCheckingInterval: limits.checkIntervalMs,
    requireHostHeader: false,
  },
});

/** Node would refuse a request without Host (RFC 9112, section 3.2) with an empty body. */
const hostFault = ({ raw }: FastifyRequest): MalformedHttp | undefined =>
  raw.httpVersion === '1.1' && raw.headers.host === undefined
    ? new MalformedHttp('An HTTP/1.1 request needs a Host header.')
    : undefined;

/**
 * Fastify under Nest, with Millrace's limits and error bodies. Nest's own body parsers and its 404
 * are replaced; errors of routes go through Nest to ProblemFilter.
 */
class MillraceHttpAdapter extends FastifyAdapter {
  private readonly routes = new RouteTable();
  private draining = false;

  constructor(limits: HttpLimits) {
    super(serverOptions(limits));
    const server = this.getInstance<FastifyInstance>();
    server.addHook('onRoute', ({ method, url }) => this.routes.add(method, url));
    server.addHook('onRequest', async (request, reply) => this.refuseEarly(request, reply));
    useJsonBodies(server);
  }

  /** From now on new requests on open connections are refused, so that they go elsewhere. */
  override beforeClose(): void {
    super.beforeClose();
    this.draining = true;
  }

  /** Ours are in place since the constructor. */
  override registerParserMiddleware(): void {}

  override setNotFoundHandler(): ReturnType<FastifyAdapter['setNotFoundHandler']> {
    return this.getInstance<FastifyInstance>().setNotFoundHandler((request, reply) =>
      sendProblem(reply, this.notFound(request)),
    ) as never;
  }

  /** Before the body is read: what has no route is not worth reading. */
  private refuseEarly(request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
    if (this.draining && request.url !== '/livez') return this.turnAway(reply);
    const fault =
      hostFault(request) ??
      urlFault(request.url) ??
      (request.is404 ? this.notFound(request) : undefined);
    return fault && sendProblem(reply, fault);
  }

  private turnAway(reply: FastifyReply): FastifyReply {
    const gone = new ShuttingDown('The server is shutting down.');
    return sendProblem(reply.header('connection', 'close'), gone);
  }

  private notFound(request: FastifyRequest): Error {
    const path = request.url.split('?', 1)[0] ?? '/';
    return this.routes.mismatch(path) ?? new RouteNotFound('No route has this path.');
  }
}

/** The HTTP server of a process, for NestFactory.create. */
export function httpAdapter(limits: Partial<HttpLimits> = {}): FastifyAdapter {
  return new MillraceHttpAdapter({ ...DEFAULT_HTTP_LIMITS, ...limits });
}
