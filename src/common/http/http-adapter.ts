import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { useJsonBodies } from './body-parsers.js';
import { answerClientError } from './client-errors.js';
import { headerFault } from './header-fault.js';
import { DEFAULT_HTTP_LIMITS, type HttpLimits } from './http-limits.js';
import { RouteNotFound, ShuttingDown } from './request-errors.js';
import { newRequestId } from './request-id.js';
import { RouteTable } from './route-table.js';
import { sendProblem } from './send-problem.js';
import { urlFault } from './url-fault.js';

/** The part of a Fastify server's options that Millrace fixes. */
const serverOptions = (limits: HttpLimits) => ({
  bodyLimit: limits.bodyLimitBytes,
  // Event types are parts of paths; Fastify's own bound of 100 is less than people name them.
  routerOptions: { maxParamLength: 1024 },
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
    server.addHook('onRequest', (request, reply, done) => {
      const fault = this.faultOf(request);
      if (fault === undefined) done();
      else sendProblem(this.draining ? reply.header('connection', 'close') : reply, fault);
    });
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

  /** What makes a request not worth reading its body. Called for every request: no promises. */
  private faultOf(request: FastifyRequest): Error | undefined {
    if (this.draining && request.url !== '/livez') {
      return new ShuttingDown('The server is shutting down.');
    }
    return headerFault(request) ?? urlFault(request.url) ?? this.routeFault(request);
  }

  private routeFault(request: FastifyRequest): Error | undefined {
    return request.is404 ? this.notFound(request) : undefined;
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
