import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingHttpHeaders } from 'node:http';

import { BodyBudget } from '../common/http/body-budget.js';
import { MetricsRegistry } from '../common/metrics/metrics-registry.js';
import { showGauge } from '../common/metrics/show-gauge.js';
import { KeyVerifier } from './key-verifier.js';

/** What may be read from anybody before the key is looked at. */
const FREE_BYTES = 16_384;

const isLarge = (headers: IncomingHttpHeaders): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > FREE_BYTES;

/**
 * Before a large body is read, checks the key and that there is room for it. Guards run after
 * that, so ten thousand connections could otherwise make the server hold ten thousand bodies.
 */
@Injectable()
export class LargeBodyGate implements OnModuleInit {
  private readonly budget = new BodyBudget();

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly verifier: KeyVerifier,
    metrics: MetricsRegistry,
  ) {
    showGauge(
      metrics,
      'millrace_http_large_bodies_bytes',
      'Bytes of large request bodies that are held or promised.',
      () => this.budget.heldBytes,
    );
  }

  /** The server takes hooks until it listens. */
  onModuleInit(): void {
    const server = this.host.httpAdapter.getInstance() as FastifyInstance;
    server.addHook('onRequest', (request, reply, done) => {
      if (isLarge(request.headers)) void this.admit(request, reply, done);
      else done();
    });
  }

  private async admit(
    { raw, headers }: FastifyRequest,
    reply: FastifyReply,
    done: (refusal?: Error) => void,
  ): Promise<void> {
    const refusal = await this.verifier.verify(headers.authorization).then(
      () => this.makeRoom(raw, reply),
      (error: Error) => error,
    );
    done(refusal);
  }

  private makeRoom(body: FastifyRequest['raw'], reply: FastifyReply): Error | undefined {
    try {
      reply.raw.once('close', this.budget.admit(body));
      return undefined;
    } catch (error) {
      return error as Error;
    }
  }
}
