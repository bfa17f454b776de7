import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Histogram } from 'prom-client';

import { MetricsRegistry } from './metrics-registry.js';

interface Timer {
  observe(seconds: number): void;
}

type Timers = Map<number, Timer>;

/** Times every HTTP request, by route pattern (never by URL, whose number has no bound). */
@Injectable()
export class HttpMetrics {
  private readonly duration: Histogram<'method' | 'route' | 'status'>;

  constructor(registry: MetricsRegistry) {
    this.duration = new Histogram({
      name: 'millrace_http_request_duration_seconds',
      help: 'Time from the request headers to the end of the answer.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2.5, 10],
      registers: [registry],
    });
  }

  /** Hooks into a server; call before it listens, and before it has routes. */
  attach(server: FastifyInstance): void {
    // A hook for each route: what Fastify tells a common one of its route is made anew each time.
    server.addHook('onRoute', (route) => {
      const observe = this.observerOf(new Map(), route.url);
      route.onResponse = [observe, ...[route.onResponse ?? []].flat()];
    });
    const observeMiss = this.observerOf(new Map(), 'none', 'any');
    server.addHook('onResponse', (request, reply, done) => {
      if (request.is404) observeMiss(request, reply, done);
      else done();
    });
  }

  private observerOf(methods: Map<string, Timers>, route: string, anyMethod?: string) {
    return ({ method }: FastifyRequest, reply: FastifyReply, done: () => void): void => {
      const shown = anyMethod ?? method;
      let timers = methods.get(shown);
      if (timers === undefined) methods.set(shown, (timers = new Map()));
      let timer = timers.get(reply.statusCode);
      if (timer === undefined) {
        timer = this.duration.labels(shown, route, String(reply.statusCode));
        timers.set(reply.statusCode, timer);
      }
      timer.observe(reply.elapsedTime / 1000);
      done();
    };
  }
}
