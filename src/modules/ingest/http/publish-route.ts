import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { principalOfCall, rememberPrincipal } from '../../../auth/current-principal.decorator.js';
import { KeyVerifier } from '../../../auth/key-verifier.js';
import { requireScope, requireTopic } from '../../../auth/permissions.js';
import type { Principal } from '../../../auth/principal.js';
import { useRawBodies } from '../../../common/http/body-parsers.js';
import { sendProblem } from '../../../common/http/send-problem.js';
import { newUid } from '../../../common/ids.js';
import { OpenApiRegistry } from '../../../common/openapi/openapi-registry.js';
import { parseHttpEvents } from '../../../events/codec/http-binding.js';
import { BodyEmpty } from '../domain/ingest.errors.js';
import { PublishEvents } from '../use-cases/publish-events.js';
import { publishOperation } from './publish.openapi.js';

/** Largest body of a publish request, batches included. */
export const MAX_BODY_BYTES = 16 * 1024 * 1024;

const NO_BODY = Buffer.alloc(0);

interface PublishRoute {
  readonly Params: { readonly topic: string };
  readonly Querystring: Readonly<Record<string, unknown>>;
}

type PublishRequest = FastifyRequest<PublishRoute>;

/** Why a key may not publish here; else notes who publishes. */
const refusalOf = (request: PublishRequest, principal: Principal): Error | undefined => {
  try {
    requireScope(principal, 'publish');
    requireTopic(principal, request.params.topic);
    rememberPrincipal(request, principal);
    return undefined;
  } catch (error) {
    return error as Error;
  }
};

/**
 * `POST /v1/topics/{topic}/events`, registered on Fastify itself: Nest's guards, pipes and
 * interceptors would cost more than all the work that is done here.
 */
@Injectable()
export class PublishHttpRoute implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly keys: KeyVerifier,
    private readonly publishEvents: PublishEvents,
    private readonly openApi: OpenApiRegistry,
  ) {}

  onModuleInit(): void {
    const server = this.host.httpAdapter.getInstance<FastifyInstance>();
    server.register(async (part) => {
      useRawBodies(part);
      part.setErrorHandler((error, _request, reply) => sendProblem(reply, error));
      part.post<PublishRoute>(
        '/v1/topics/:topic/events',
        {
          bodyLimit: MAX_BODY_BYTES,
          onRequest: (request, _reply, done) => this.admit(request, done),
        },
        (request, reply) => this.publish(request, reply),
      );
    });
    this.openApi.add('/v1/topics/{topic}/events', 'post', publishOperation);
  }

  /** Before the body is read: who may not publish here is not listened to. No promise if known. */
  private admit(request: PublishRequest, done: (refusal?: Error) => void): void {
    const { authorization } = request.headers;
    const principal = this.keys.verifyNow(authorization);
    if (principal === undefined) void this.admitLater(request, done);
    else done(refusalOf(request, principal));
  }

  private async admitLater(
    request: PublishRequest,
    done: (refusal?: Error) => void,
  ): Promise<void> {
    const refusal = await this.keys.verify(request.headers.authorization).then(
      (principal) => refusalOf(request, principal),
      (error: Error) => error,
    );
    done(refusal);
  }

  private async publish(request: PublishRequest, reply: FastifyReply): Promise<FastifyReply> {
    const principal = principalOfCall(request);
    if (principal === undefined) throw new Error('A publish request was let in without a key.');
    const { headers, query, params } = request;
    const { topic } = params;
    const body = Buffer.isBuffer(request.body) ? request.body : NO_BODY;
    if (body.length === 0 && headers['ce-specversion'] === undefined) {
      throw new BodyEmpty('The request has no body, so there is no event in it.');
    }
    const contentType = headers['content-type'];
    const { events, batch } = parseHttpEvents({
      contentType,
      headers,
      query,
      body,
      topic,
      newId: newUid,
    });
    const stored = await this.publishEvents.execute({ topic, events, batch, principal });
    return reply
      .code(202)
      .header('content-type', 'application/json; charset=utf-8')
      .send(JSON.stringify(batch ? { events: stored } : stored[0]));
  }
}
