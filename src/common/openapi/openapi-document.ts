import { Injectable, type INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

import { PROBLEM_JSON } from '../http/problem.js';
import { OpenApiRegistry, type OpenApiOperation } from './openapi-registry.js';
import { problemSchema } from './problem-schema.js';

const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'head'] as const;
const KEYLESS: ReadonlySet<string> = new Set(['/livez', '/readyz']);

const problemResponse = {
  description: 'What went wrong; docs/errors.md lists the codes.',
  content: { [PROBLEM_JSON]: { schema: { $ref: '#/components/schemas/Problem' } } },
};

const frame = () =>
  new DocumentBuilder()
    .setTitle('Millrace')
    .setDescription('Publish an event once; every subscriber gets it the way it wants.')
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key: `mr_…`' }, 'key')
    .addSecurityRequirements('key')
    .build();

function complete(path: string, operation: OpenApiOperation): OpenApiOperation {
  return {
    ...operation,
    ...(KEYLESS.has(path) ? { security: [] } : {}),
    responses: { ...operation.responses, default: problemResponse },
  };
}

function completePaths(paths: OpenAPIObject['paths']): OpenAPIObject['paths'] {
  const completed: OpenAPIObject['paths'] = {};
  for (const [path, item] of Object.entries(paths)) {
    const operations = METHODS.flatMap((method) => {
      const operation = item[method];
      return operation ? [[method, complete(path, operation)] as const] : [];
    });
    completed[path] = { ...item, ...Object.fromEntries(operations) };
  }
  return completed;
}

/** A path may have methods of both: of controllers, and of routes that describe themselves. */
function merged(
  scanned: OpenAPIObject['paths'],
  added: OpenAPIObject['paths'],
): OpenAPIObject['paths'] {
  const paths = { ...scanned };
  for (const [path, item] of Object.entries(added)) paths[path] = { ...paths[path], ...item };
  return paths;
}

/** The OpenAPI document of the modules in this process, made when it is first asked for. */
@Injectable()
export class OpenApiDocument {
  private app: INestApplication | undefined;
  private document: OpenAPIObject | undefined;

  constructor(private readonly registry: OpenApiRegistry) {}

  /** Names the application whose controllers are described. */
  attach(app: INestApplication): void {
    this.app = app;
  }

  /** @throws Error when called before `attach` */
  read(): OpenAPIObject {
    if (!this.app) throw new Error('The OpenAPI document was asked for before the app was made.');
    this.document ??= this.build(this.app);
    return this.document;
  }

  private build(app: INestApplication): OpenAPIObject {
    const scanned = SwaggerModule.createDocument(app, frame());
    const schemas = { ...scanned.components?.schemas, Problem: problemSchema };
    return {
      ...scanned,
      paths: completePaths(merged(scanned.paths, this.registry.paths)),
      components: { ...scanned.components, schemas },
    };
  }
}
