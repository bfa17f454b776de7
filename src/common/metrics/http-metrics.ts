import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Histogram } from 'prom-client';

import { MetricsRegistry } from './metrics-registry.js';

interface Timer {
  observe(seconds: number): void;
}

/** Times every HTTP request, by route pattern (never by URL, whose number has no bound). */
@Injectable()
export class HttpMetrics {
  private readonly duration: Histogram<'method' | 'route' | 'status'>;
  private readonly timers = new Map<string, Timer>();

  constructor(registry: MetricsRegistry) {
    this.duration = new Histogram({
      name: 'millrace_http_request_duration_seconds',
      help: 'Time from the request headers to the end of the answer.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2.5, 10],
      registers: [registry],
    });
  }

  /** Hooks into a server; call before it listens. */
  attach(server: FastifyInstance): void {
    server.addHook('onResponse', (request, reply, done) => {
      this.timerOf(request, reply).observe(reply.elapsedTime / 1000);
      done();
    });
  }

  private timerOf(request: FastifyRequest, reply: FastifyReply): Timer {
    const route = request.routeOptions.url ?? 'none';
    const name = `${request.method} ${route} ${reply.statusCode}`;
    let timer = this.timers.get(name);
    if (!timer) {
      const method = route === 'none' ? 'any' : request.method;
      timer = this.duration.labels(method, route, String(reply.statusCode));
      this.timers.set(name, timer);
    }
    return timer;
  }
}
