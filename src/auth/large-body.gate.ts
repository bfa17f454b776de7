import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import type { IncomingHttpHeaders } from 'node:http';

import { KeyVerifier } from './key-verifier.js';

/** What may be read from anybody before the key is looked at. */
const FREE_BYTES = 16_384;

const isLarge = (headers: IncomingHttpHeaders): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > FREE_BYTES;

/**
 * Checks the key before a large body is read. Guards run after that, so ten thousand connections
 * without a key could otherwise make the server hold ten thousand bodies.
 */
@Injectable()
export class LargeBodyGate implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly verifier: KeyVerifier,
  ) {}

  /** The server takes hooks until it listens. */
  onModuleInit(): void {
    const server = this.host.httpAdapter.getInstance() as FastifyInstance;
    server.addHook('onRequest', ({ headers }, _reply, done) => {
      if (isLarge(headers)) void this.admit(headers.authorization, done);
      else done();
    });
  }

  private async admit(
    authorization: string | undefined,
    done: (refusal?: Error) => void,
  ): Promise<void> {
    const accept = (): undefined => undefined;
    const refusal = await this.verifier.verify(authorization).then(accept, (error: Error) => error);
    done(refusal);
  }
}
