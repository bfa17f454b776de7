import { Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';

import { CLOCK, systemClock } from './clock.js';
import { HealthController } from './health/health.controller.js';
import { HealthRegistry } from './health/health-registry.js';
import { ProblemFilter } from './http/problem.filter.js';
import { UndeclaredInputInterceptor } from './http/undeclared-input.interceptor.js';
import { validationPipe } from './http/validation-pipe.js';
import { HttpMetrics } from './metrics/http-metrics.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { MetricsRegistry } from './metrics/metrics-registry.js';
import { DocumentsController } from './openapi/documents.controller.js';
import { OpenApiDocument } from './openapi/openapi-document.js';
import { OpenApiRegistry } from './openapi/openapi-registry.js';

/** What every process has, whichever modules it runs: probes, metrics, documents, error bodies. */
@Global()
@Module({
  controllers: [HealthController, MetricsController, DocumentsController],
  providers: [
    { provide: CLOCK, useValue: systemClock },
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_PIPE, useFactory: validationPipe },
    { provide: APP_INTERCEPTOR, useClass: UndeclaredInputInterceptor },
    HealthRegistry,
    MetricsRegistry,
    HttpMetrics,
    OpenApiRegistry,
    OpenApiDocument,
  ],
  exports: [CLOCK, HealthRegistry, MetricsRegistry, HttpMetrics, OpenApiRegistry, OpenApiDocument],
})
export class CommonModule {}
