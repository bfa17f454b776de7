import { Controller, Get, Param, ParseIntPipe, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiPropertyOptional, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, MaxLength, Min } from 'class-validator';
import type { FastifyReply } from 'fastify';

import { CurrentPrincipal } from '../../../auth/current-principal.decorator.js';
import type { Principal } from '../../../auth/principal.js';
import { RequireScope } from '../../../auth/require-scope.decorator.js';
import { PageQuery } from '../../../common/http/page-query.js';
import { envelopeOf } from '../domain/event-envelope.js';
import { ParameterInvalid } from '../domain/streams.errors.js';
import { GetEvent } from '../use-cases/get-event.js';
import { LookAtEvents } from '../use-cases/look-at-events.js';
import { oneEvent, pageOfEvents } from './streams.openapi.js';

const MAX_TEXT = 16 * 1024;
const JSON_BODY = 'application/json; charset=utf-8';

/** Query of GET /v1/topics/{topic}/events. */
export class LookQueryParameters extends PageQuery {
  @ApiPropertyOptional({ minimum: 0, description: 'Left out: all partitions, by time.' })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  readonly partition?: number;

  @ApiPropertyOptional({
    description:
      'earliest (default), latest (the newest ones), an RFC 3339 time, offset:<partition>:<offset>,…, or with `partition` an offset.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  readonly from?: string;

  @ApiPropertyOptional({ description: 'Only events with this partitionkey.' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  readonly key?: string;

  @ApiPropertyOptional({ description: 'A filter expression as JSON.' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  readonly filter?: string;
}

/** Looking into topics without a subscription. */
@ApiTags('topics')
@ApiBearerAuth('key')
@Controller('topics/:topic/events')
export class LookController {
  constructor(
    private readonly lookAtEvents: LookAtEvents,
    private readonly getEvent: GetEvent,
  ) {}

  @Get()
  @RequireScope('consume')
  @ApiResponse(pageOfEvents)
  async look(
    @CurrentPrincipal() principal: Principal,
    @Param('topic') topic: string,
    @Query() query: LookQueryParameters,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const filter = parseFilterText(query.filter);
    const page = await this.lookAtEvents.execute(principal, topic, { ...query, filter });
    const data = page.found.map(({ event, place }) => envelopeOf(event, place)).join(',');
    const body = `{"data":[${data}],"nextCursor":${JSON.stringify(page.nextCursor)}}`;
    await reply.type(JSON_BODY).send(body);
  }

  @Get(':partition/:offset')
  @RequireScope('consume')
  @ApiResponse(oneEvent)
  async one(
    @CurrentPrincipal() principal: Principal,
    @Param('topic') topic: string,
    @Param('partition', naturalNumber()) partition: number,
    @Param('offset', naturalNumber()) offset: number,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { event, place } = await this.getEvent.execute(principal, topic, partition, offset);
    await reply.type(JSON_BODY).send(envelopeOf(event, place));
  }
}

function naturalNumber(): ParseIntPipe {
  const invalid = () => new ParameterInvalid('Partition and offset are whole numbers.');
  return new ParseIntPipe({ exceptionFactory: invalid });
}

function parseFilterText(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ParameterInvalid('`filter` must be JSON.', {}, { cause: error });
  }
}
