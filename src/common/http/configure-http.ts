import type { INestApplication } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';

import { HttpMetrics } from '../metrics/http-metrics.js';
import { OpenApiDocument } from '../openapi/openapi-document.js';
import { logRequests } from './log-requests.js';

/** Routes of operators and tools, outside the versioned prefix. */
const UNVERSIONED = ['livez', 'readyz', 'metrics', 'openapi.json', 'asyncapi.json'];

/**
 * What every application with CommonModule needs before `init` or `listen`.
 * @param logsRequests whether each answered request gets a line, which costs time on hot paths
 */
export function configureHttp(app: INestApplication, logsRequests = false): void {
  const server = app.getHttpAdapter().getInstance() as FastifyInstance;
  app.setGlobalPrefix('v1', { exclude: UNVERSIONED });
  app.get(HttpMetrics).attach(server);
  app.get(OpenApiDocument).attach(app);
  if (logsRequests) logRequests(server);
}
