import {
  Body,
  Controller,
  Get,
  Headers,
  HttpCode,
  Inject,
  Logger,
  Param,
  Post,
  Query,
  Res,
} from '@nestjs/common';
import { ApiBearerAuth, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { CurrentPrincipal } from '../../../auth/current-principal.decorator.js';
import type { Principal } from '../../../auth/principal.js';
import { RequireScope } from '../../../auth/require-scope.decorator.js';
import { envelopeOf } from '../domain/event-envelope.js';
import { FormatUnknown } from '../domain/streams.errors.js';
import type { PolledItems } from '../reading/poll-session.js';
import { Readers } from '../reading/readers.js';
import { STREAM_LIMITS, type StreamLimits } from '../reading/stream-limits.js';
import { CommitCursor } from '../use-cases/commit-cursor.js';
import { OpenReader } from '../use-cases/open-reader.js';
import { PollEvents } from '../use-cases/poll-events.js';
import { serveStream } from './stream-connection.js';
import { ndjson, negotiate, serverSentEvents } from './stream-format.js';
import { CommitBody, ReadStreamQuery } from './streams.bodies.js';
import { committed, streamOfEvents } from './streams.openapi.js';

/** A partition's first slice needs a moment, even for who does not want to wait. */
const SHORTEST_WAIT_MS = 250;

/** Reading streams over HTTP. */
@ApiTags('streams')
@ApiBearerAuth('key')
@Controller('streams/:id')
export class StreamsController {
  private readonly logger = new Logger('StreamsController');

  constructor(
    private readonly openReader: OpenReader,
    private readonly pollEvents: PollEvents,
    private readonly commitCursor: CommitCursor,
    private readonly readers: Readers,
    @Inject(STREAM_LIMITS) private readonly limits: StreamLimits,
  ) {}

  @Get('events')
  @RequireScope('consume')
  @ApiResponse(streamOfEvents)
  async read(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Query() query: ReadStreamQuery,
    @Headers('accept') accept: string | undefined,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const kind = negotiate(accept);
    if (kind === undefined) throw new FormatUnknown();
    if (kind === 'poll') return this.poll(principal, id, query, reply);
    const resume = lastEventId === '' ? undefined : lastEventId;
    const where = { resume, cursor: query.cursor, from: query.from };
    const reader = await this.openReader.execute(principal, id, where);
    reply.hijack();
    try {
      const format = kind === 'sse' ? serverSentEvents : ndjson;
      await serveStream(reply.raw, reader, format, this.limits);
    } catch (error) {
      // The answer has begun: all that is left to tell the client is that it broke off.
      this.logger.error(`Stream ${id} broke off`, error instanceof Error ? error.stack : error);
      reply.raw.destroy();
    } finally {
      await this.readers.stop(reader);
    }
  }

  @Post('commit')
  @HttpCode(200)
  @RequireScope('consume')
  @ApiResponse(committed)
  async commit(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() body: CommitBody,
  ): Promise<{ readonly committed: true }> {
    await this.commitCursor.execute(principal, id, body.cursor);
    return { committed: true };
  }

  private async poll(
    principal: Principal,
    id: string,
    query: ReadStreamQuery,
    reply: FastifyReply,
  ): Promise<void> {
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const polled = await this.pollEvents.execute(principal, id, query, {
      maxEvents: query.limit,
      maxBytes: this.limits.batchBytes,
      waitMs: Math.max(SHORTEST_WAIT_MS, query.waitSeconds * 1000),
      signal: gone.signal,
    });
    await reply.type('application/json; charset=utf-8').send(pollBody(polled));
  }
}

/** Text rather than an object: the events' payloads are spliced in as they are. */
function pollBody({ events, gaps, cursor }: PolledItems): string {
  const list = events.map(({ event, place }) => envelopeOf(event, place)).join(',');
  const told = gaps.length === 0 ? '' : `,"gaps":${JSON.stringify(gaps)}`;
  return `{"events":[${list}],"cursor":${JSON.stringify(cursor)}${told}}`;
}
