import { Body, Controller, Get, Module, Post, Query, type LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Type } from 'class-transformer';
import { IsOptional, IsString, MaxLength, ValidateNested } from 'class-validator';
import type { FastifyInstance } from 'fastify';
import type { AddressInfo } from 'node:net';

import { CommonModule } from '../../../../src/common/common.module.js';
import { useRawBodies } from '../../../../src/common/http/body-parsers.js';
import { configureHttp } from '../../../../src/common/http/configure-http.js';
import { httpAdapter } from '../../../../src/common/http/http-adapter.js';
import type { HttpLimits } from '../../../../src/common/http/http-limits.js';
import { PageQuery } from '../../../../src/common/http/page-query.js';

class Inner {
  @IsString()
  readonly colour!: string;
}

class ThingBody {
  @IsString()
  @MaxLength(10)
  readonly name!: string;

  @IsOptional()
  @ValidateNested()
  @Type(() => Inner)
  readonly inner?: Inner;
}

@Controller('things')
class ThingsController {
  @Post()
  create(@Body() body: ThingBody): ThingBody {
    return body;
  }

  @Get()
  list(@Query() query: PageQuery): PageQuery {
    return query;
  }

  @Get('broken')
  fail(): never {
    throw new Error('the password is swordfish', { cause: new Error('in the vault') });
  }
}

@Module({ imports: [CommonModule], controllers: [ThingsController] })
class EdgeModule {}

/** What the server wrote into its log. */
export class CollectedLog implements LoggerService {
  readonly lines: string[] = [];
  log(): void {}
  warn(): void {}
  error(...line: unknown[]): void {
    this.lines.push(JSON.stringify(line));
  }
}

/** A small application on the real HTTP edge: `/v1/things`, and `/v1/raw`, which takes any bytes. */
export interface EdgeApp {
  readonly app: NestFastifyApplication;
  readonly port: number;
  readonly url: string;
  readonly log: CollectedLog;
}

/** Starts it on a free port, with limits of the test's own. */
export async function startEdgeApp(limits: Partial<HttpLimits> = {}): Promise<EdgeApp> {
  const log = new CollectedLog();
  const app = await NestFactory.create<NestFastifyApplication>(EdgeModule, httpAdapter(limits), {
    logger: log,
    abortOnError: false,
  });
  configureHttp(app);
  const server = app.getHttpAdapter().getInstance() as FastifyInstance;
  void server.register(async (part) => {
    useRawBodies(part);
    part.post('/v1/raw', async ({ body }) => ({ bytes: Buffer.isBuffer(body) ? body.length : 0 }));
  });
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { app, port, url: `http://127.0.0.1:${port}`, log };
}
