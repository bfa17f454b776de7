import { Body, Controller, Get, Headers, Param, Put, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { CurrentPrincipal } from '../../../auth/current-principal.decorator.js';
import type { Principal } from '../../../auth/principal.js';
import { RequireScope } from '../../../auth/require-scope.decorator.js';
import { etagOf } from '../../../common/etag.js';
import { PageQuery } from '../../../common/http/page-query.js';
import { mapPage } from '../../../common/paging.js';
import { GetSchema, type FoundSchema } from '../use-cases/get-schema.js';
import { ListSchemas } from '../use-cases/list-schemas.js';
import { PutSchema, type PutSchemaInput } from '../use-cases/put-schema.js';
import { SchemaBody } from './schema.body.js';
import { SchemaPageView, schemaSummaryView, SchemaView, schemaView } from './schema.view.js';
import { VersionPipe } from './version.pipe.js';

const show = (reply: FastifyReply, found: FoundSchema): SchemaView => {
  reply.header('etag', etagOf(found.subject));
  return schemaView(found);
};

/** JSON Schemas of a topic's event types over REST. */
@ApiTags('catalog')
@Controller('topics/:topic/schemas')
export class SchemasController {
  constructor(
    private readonly putSchema: PutSchema,
    private readonly getSchema: GetSchema,
    private readonly listSchemas: ListSchemas,
  ) {}

  @Get()
  @RequireScope('manage')
  @ApiOperation({ summary: 'List the event types that have a schema.' })
  @ApiResponse({ status: 200, type: SchemaPageView })
  async list(
    @CurrentPrincipal() principal: Principal,
    @Param('topic') topic: string,
    @Query() { limit, cursor }: PageQuery,
  ): Promise<SchemaPageView> {
    const page = await this.listSchemas.execute(principal, topic, limit, cursor);
    return mapPage(page, schemaSummaryView);
  }

  @Get(':type')
  @RequireScope('manage')
  @ApiOperation({ summary: 'Read the newest schema of an event type.' })
  @ApiResponse({ status: 200, type: SchemaView })
  async newest(
    @CurrentPrincipal() principal: Principal,
    @Param('topic') topic: string,
    @Param('type') type: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SchemaView> {
    return show(reply, await this.getSchema.execute(principal, topic, type));
  }

  @Get(':type/:version')
  @RequireScope('manage')
  @ApiOperation({ summary: 'Read a version of a schema.' })
  @ApiResponse({ status: 200, type: SchemaView })
  async read(
    @CurrentPrincipal() principal: Principal,
    @Param('topic') topic: string,
    @Param('type') type: string,
    @Param('version', VersionPipe) version: number,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SchemaView> {
    return show(reply, await this.getSchema.execute(principal, topic, type, version));
  }

  @Put(':type')
  @RequireScope('manage')
  @ApiOperation({ summary: 'Register a schema; the newest one again changes nothing.' })
  @ApiResponse({ status: 201, type: SchemaView, description: 'It is a new version.' })
  @ApiResponse({ status: 200, type: SchemaView })
  async put(
    @CurrentPrincipal() principal: Principal,
    @Param('topic') topic: string,
    @Param('type') type: string,
    @Body() body: SchemaBody,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SchemaView> {
    return this.store(principal, { topic, type, ...body, ifMatch }, reply);
  }

  @Put(':type/:version')
  @RequireScope('manage')
  @ApiOperation({ summary: 'Register a schema as the next version, or repeat one that is there.' })
  @ApiResponse({ status: 201, type: SchemaView, description: 'It is a new version.' })
  @ApiResponse({ status: 200, type: SchemaView })
  async putVersion(
    @CurrentPrincipal() principal: Principal,
    @Param('topic') topic: string,
    @Param('type') type: string,
    @Param('version', VersionPipe) version: number,
    @Body() body: SchemaBody,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SchemaView> {
    return this.store(principal, { topic, type, ...body, version, ifMatch }, reply);
  }

  private async store(
    principal: Principal,
    input: PutSchemaInput,
    reply: FastifyReply,
  ): Promise<SchemaView> {
    const { created, ...found } = await this.putSchema.execute(principal, input);
    reply.code(created ? 201 : 200);
    return show(reply, found);
  }
}
