import { Controller, Get, Header } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';

import { RequireScope } from '../http/route-access.js';
import { MetricsRegistry } from './metrics-registry.js';

/** Metrics for Prometheus; any valid key reads them. */
@ApiTags('operations')
@Controller()
export class MetricsController {
  constructor(private readonly registry: MetricsRegistry) {}

  @Get('metrics')
  @RequireScope()
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  @ApiOperation({ summary: 'Metrics in the Prometheus text format.' })
  @ApiProduces('text/plain')
  read(): Promise<string> {
    return this.registry.metrics();
  }
}
