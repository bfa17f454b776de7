import { uniqueName } from '../../support/client.js';
import { CatalogApp } from './catalog-app.js';

interface Schema {
  readonly uid: string;
  readonly version: number;
  readonly code?: string;
  readonly [field: string]: unknown;
}

const string = { type: 'string' };
const order = { type: 'object', required: ['id'], properties: { id: string } };

describe('schemas', () => {
  let catalog: CatalogApp;
  let topic: string;

  beforeAll(async () => {
    catalog = await CatalogApp.start();
    topic = await catalog.client.createTopic({ partitions: 1 });
  });
  afterAll(() => catalog.stop());

  const call = (method: string, type: string, json?: unknown, headers?: Record<string, string>) =>
    catalog.client.call<Schema>(method, `/v1/topics/${topic}/schemas/${type}`, { json, headers });

  it('get a version each, unless they are the newest again', async () => {
    const type = uniqueName('type');
    const first = await call('PUT', type, { schema: order });
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({ topic, type, version: 1, compatibility: 'NONE' });
    const reordered = { properties: { id: string }, required: ['id'], type: 'object' };
    const again = await call('PUT', type, { schema: reordered });
    expect(again.status).toBe(200);
    expect(again.body).toEqual(first.body);
    expect((await call('PUT', type, { schema: true })).body).toMatchObject({ version: 2 });
    expect((await call('GET', type)).body).toMatchObject({ version: 2, schema: true });
    const old = (await call('GET', `${type}/1`)).body;
    expect(JSON.stringify(old['schema'])).toBe(JSON.stringify(order));
    expect((await call('GET', `${type}/3`)).body.code).toBe('CATALOG.SCHEMA_NOT_FOUND');
  });

  it('are soon known to every process', async () => {
    const type = uniqueName('type');
    const { uid } = (await call('PUT', type, { schema: order })).body;
    await catalog.schemaKnown(uid, (state) => state?.version === 1 && state.type === type);
    expect(catalog.schemas.get(uid)?.schema).toEqual(order);
    await call('PUT', type, { schema: false });
    await catalog.schemaKnown(uid, (state) => state?.version === 2 && state.schema === false);
  });

  it('keep the promise of their mode', async () => {
    const type = uniqueName('type');
    await call('PUT', type, { schema: order, compatibility: 'BACKWARD' });
    const stricter = { ...order, required: ['id', 'sum'] };
    const refused = await call('PUT', type, { schema: stricter });
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({
      code: 'CATALOG.INCOMPATIBLE_SCHEMA',
      faults: [{ direction: 'BACKWARD', path: '', keyword: 'required/sum' }],
    });
    const undecidable = await call('PUT', type, { schema: { anyOf: [order] } });
    expect(undecidable.body).toMatchObject({
      code: 'CATALOG.COMPATIBILITY_UNDECIDABLE',
      keyword: 'anyOf',
    });
    const looser = { ...order, required: [] };
    expect((await call('PUT', type, { schema: looser })).body.version).toBe(2);
    const forced = await call('PUT', type, { schema: stricter, compatibility: 'NONE' });
    expect(forced.body).toMatchObject({ version: 3, compatibility: 'NONE' });
  });

  it('are registered under the version that was named, or not at all', async () => {
    const type = uniqueName('type');
    expect((await call('PUT', `${type}/2`, { schema: order })).status).toBe(409);
    expect((await call('PUT', `${type}/1`, { schema: order })).status).toBe(201);
    expect((await call('PUT', `${type}/2`, { schema: true })).status).toBe(201);
    expect((await call('PUT', `${type}/1`, { schema: order })).status).toBe(200);
    expect((await call('PUT', `${type}/1`, { schema: true })).body.code).toBe(
      'CATALOG.SCHEMA_VERSION_CONFLICT',
    );
    expect((await call('PUT', `${type}/x`, { schema: true })).status).toBe(400);
  });

  it('are changed only in the state that If-Match names', async () => {
    const type = uniqueName('type');
    const etag = (await call('PUT', type, { schema: order })).headers.get('etag')!;
    const match = { 'if-match': etag };
    expect((await call('PUT', type, { schema: true }, match)).status).toBe(201);
    expect((await call('PUT', type, { schema: false }, match)).status).toBe(412);
  });

  it('are listed by type, `*` and types that must be escaped included', async () => {
    const own = await catalog.client.createTopic({ partitions: 1 });
    const path = `/v1/topics/${own}/schemas`;
    const types = ['*', 'a/b c', 'x'.repeat(200), 'ü'];
    for (const type of types)
      await catalog.client.must('PUT', `${path}/${encodeURIComponent(type)}`, {
        json: { schema: order },
      });
    interface Page {
      readonly data: readonly { readonly type: string }[];
      readonly nextCursor: string | null;
    }
    const first = await catalog.client.must<Page>('GET', `${path}?limit=3`);
    const rest = await catalog.client.must<Page>('GET', `${path}?cursor=${first.nextCursor}`);
    expect([...first.data, ...rest.data].map(({ type }) => type)).toEqual(types);
    expect(rest.nextCursor).toBeNull();
  });

  it('go with their topic', async () => {
    catalog.answerSubscriptions(0);
    const own = await catalog.client.createTopic({ partitions: 1 });
    const path = `/v1/topics/${own}/schemas/t`;
    const { uid } = await catalog.client.must<Schema>('PUT', path, { json: { schema: order } });
    await catalog.client.must('DELETE', `/v1/topics/${own}?data=delete`);
    await catalog.schemaKnown(uid, (state) => state === undefined);
    expect((await catalog.client.call('GET', path)).body['code']).toBe('CATALOG.TOPIC_NOT_FOUND');
    await catalog.client.createTopic({ partitions: 1 }, own);
    expect((await catalog.client.call('GET', path)).body['code']).toBe('CATALOG.SCHEMA_NOT_FOUND');
  });

  const deep = (levels: number): unknown => (levels === 0 ? true : { not: deep(levels - 1) });

  it.each<[string, number, unknown]>([
    ['REQUEST.INVALID', 400, {}],
    ['REQUEST.INVALID', 400, { schema: 'string' }],
    ['REQUEST.INVALID', 400, { schema: [] }],
    ['REQUEST.INVALID', 400, { schema: true, compatibility: 'SOME' }],
    ['REQUEST.UNKNOWN_FIELD', 400, { schema: true, mode: 'FULL' }],
    ['CATALOG.INVALID_SCHEMA', 400, { schema: { type: 'strng' } }],
    ['CATALOG.INVALID_SCHEMA', 400, { schema: { $ref: 'https://example.com/x' } }],
    [
      'CATALOG.INVALID_SCHEMA',
      400,
      { schema: { $schema: 'https://json-schema.org/draft/2019-09/schema' } },
    ],
    ['CATALOG.SCHEMA_TOO_LARGE', 413, { schema: { description: 'x'.repeat(600_000) } }],
    ['CATALOG.SCHEMA_TOO_LARGE', 413, { schema: deep(70) }],
  ])('are refused with %s', async (code, status, body) => {
    const answer = await call('PUT', 'refused', body);
    expect(answer.body.code).toBe(code);
    expect(answer.status).toBe(status);
    expect((await call('GET', 'refused')).status).toBe(404);
  });
});
