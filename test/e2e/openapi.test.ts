import { Validator } from '@seriousme/openapi-schema-validator';

import { startInstallation, type Installation } from '../support/installation.js';

interface Operation {
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema?: object }>>;
  };
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: object }>> }>
  >;
}

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly securitySchemes: Readonly<Record<string, object>> };
}

/** The REST interface that users rely on. */
const ROUTES = [
  'GET /v1/topics',
  'PUT GET DELETE /v1/topics/{topic}',
  'PUT GET /v1/topics/{topic}/schemas/{type}',
  'PUT GET /v1/topics/{topic}/schemas/{type}/{version}',
  'POST GET /v1/topics/{topic}/events',
  'GET /v1/topics/{topic}/events/{partition}/{offset}',
  'POST GET /v1/subscriptions',
  'PUT GET PATCH DELETE /v1/subscriptions/{id}',
  'POST /v1/subscriptions/{id}/pause',
  'POST /v1/subscriptions/{id}/resume',
  'POST /v1/subscriptions/{id}/enable',
  'POST /v1/subscriptions/{id}/resend',
  'POST /v1/subscriptions/{id}/test',
  'GET /v1/subscriptions/{id}/secret',
  'POST /v1/subscriptions/{id}/secret/rotate',
  'GET /v1/subscriptions/{id}/stats',
  'GET /v1/subscriptions/{id}/gaps',
  'GET /v1/subscriptions/{id}/dead-letters',
  'GET DELETE /v1/subscriptions/{id}/dead-letters/{deadLetterId}',
  'POST /v1/subscriptions/{id}/dead-letters/redrive',
  'GET /v1/operations/{id}',
  'GET /v1/streams/{id}/events',
  'POST /v1/streams/{id}/commit',
  'POST GET /v1/keys',
  'GET DELETE /v1/keys/{id}',
];

const routes = ROUTES.flatMap((line) => {
  const words = line.split(' ');
  const path = words.at(-1) ?? '';
  return words.slice(0, -1).map((method) => [method, path] as const);
});

const nameless = (path: string): string => path.replaceAll(/\{[^}]+\}/g, '{}');

describe('the OpenAPI document of a whole process', () => {
  let installation: Installation;
  let document: Document;

  beforeAll(async () => {
    installation = await startInstallation('together');
    const headers = { authorization: `Bearer ${installation.adminKey}` };
    const answer = await fetch(installation.url('GET', '/openapi.json'), { headers });
    document = (await answer.json()) as Document;
  });

  afterAll(() => installation.stop());

  const operationOf = (method: string, path: string): Operation | undefined => {
    const found = Object.entries(document.paths).find(
      ([candidate, item]) => nameless(candidate) === nameless(path) && method.toLowerCase() in item,
    );
    return found?.[1][method.toLowerCase()];
  };

  it('keeps to the OpenAPI specification', async () => {
    const { valid, errors } = await new Validator().validate({ ...document });
    expect(errors ?? []).toEqual([]);
    expect(valid).toBe(true);
  });

  it.each(routes)('describes %s %s, with what it answers', (method, path) => {
    const operation = operationOf(method, path);
    expect(operation).toBeDefined();
    const answers = Object.entries(operation?.responses ?? {}).filter(([status]) =>
      status.startsWith('2'),
    );
    expect(answers).not.toEqual([]);
    for (const [status, { content }] of answers) {
      if (status === '204') continue;
      expect(Object.values(content ?? {}).map(({ schema }) => schema)).toContainEqual(
        expect.any(Object),
      );
    }
  });

  it('asks for no key that it does not describe', () => {
    const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
    const named = operations.flatMap(({ security = [] }) => security.flatMap(Object.keys));
    const described = Object.keys(document.components.securitySchemes);
    expect(named.filter((name) => !described.includes(name))).toEqual([]);
  });

  it('refers to nothing that is not in it', () => {
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path ?? '');
    const missing = references.filter((path) => {
      let node: unknown = document;
      for (const part of path.split('/'))
        node = (node as Record<string, unknown> | undefined)?.[part];
      return node === undefined;
    });
    expect(missing).toEqual([]);
  });
});
