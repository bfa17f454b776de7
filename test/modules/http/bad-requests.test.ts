import { gzipSync } from 'node:zlib';

import { startEdgeApp, type EdgeApp } from './support/edge-app.js';

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly type?: string | null;
  readonly body?: string | Buffer;
}

type Row = readonly [what: string, sent: Sent, status: number, code: string];

const json = (body: string | Buffer): Sent => ({ body });

const TABLE: readonly Row[] = [
  ['half a JSON object', json('{"name":'), 400, 'REQUEST.MALFORMED_JSON'],
  ['JSON with a comment', json('{"name":"a"} // b'), 400, 'REQUEST.MALFORMED_JSON'],
  ['no JSON at all', json('name=a'), 400, 'REQUEST.MALFORMED_JSON'],
  ['bytes that are not UTF-8', json(Buffer.from([0x22, 0xff, 0x22])), 400, 'REQUEST.INVALID_UTF8'],
  ['UTF-16', json(Buffer.from('{"name":"a"}', 'utf16le')), 400, 'REQUEST.MALFORMED_JSON'],
  ['a surrogate in UTF-8', json(Buffer.from('22eda08022', 'hex')), 400, 'REQUEST.INVALID_UTF8'],
  ['a key __proto__', json('{"name":"a","__proto__":{"x":1}}'), 400, 'REQUEST.FORBIDDEN_KEY'],
  [
    'an escaped key __proto__',
    json('{"name":"a","\\u005f_proto__":{}}'),
    400,
    'REQUEST.FORBIDDEN_KEY',
  ],
  [
    'a key constructor.prototype',
    json('{"a":[{"constructor":{"prototype":{}}}]}'),
    400,
    'REQUEST.FORBIDDEN_KEY',
  ],
  ['plain text', { type: 'text/plain', body: 'a' }, 415, 'REQUEST.UNSUPPORTED_CONTENT_TYPE'],
  [
    'a form',
    { type: 'application/x-www-form-urlencoded', body: 'name=a' },
    415,
    'REQUEST.UNSUPPORTED_CONTENT_TYPE',
  ],
  [
    'a type that only begins like JSON',
    { type: 'application/jsonp', body: '{}' },
    415,
    'REQUEST.UNSUPPORTED_CONTENT_TYPE',
  ],
  ['a type that is none', { type: ';;', body: '{}' }, 415, 'REQUEST.UNSUPPORTED_CONTENT_TYPE'],
  [
    'bytes without a type',
    { type: null, body: Buffer.from('{}') },
    415,
    'REQUEST.UNSUPPORTED_CONTENT_TYPE',
  ],
  ['a body over the limit', json(`"${'x'.repeat(5000)}"`), 413, 'REQUEST.TOO_LARGE'],
  ['an empty body', json(''), 400, 'REQUEST.INVALID'],
  ['null', json('null'), 400, 'REQUEST.INVALID'],
  ['a number', json('7'), 400, 'REQUEST.INVALID'],
  ['an array', json('[]'), 400, 'REQUEST.INVALID'],
  ['a field of the wrong type', json('{"name":7}'), 400, 'REQUEST.INVALID'],
  ['a field that is too long', json('{"name":"12345678901"}'), 400, 'REQUEST.INVALID'],
  ['an unknown field', json('{"name":"a","nmae":"b"}'), 400, 'REQUEST.UNKNOWN_FIELD'],
  [
    'an unknown field inside',
    json('{"name":"a","inner":{"colour":"red","x":1}}'),
    400,
    'REQUEST.UNKNOWN_FIELD',
  ],
  ['an unknown path', { path: '/v1/nothing' }, 404, 'REQUEST.ROUTE_NOT_FOUND'],
  ['a path outside /v1', { path: '/things' }, 404, 'REQUEST.ROUTE_NOT_FOUND'],
  ['an unknown method', { method: 'PATCH' }, 405, 'REQUEST.METHOD_NOT_ALLOWED'],
  ['OPTIONS', { method: 'OPTIONS' }, 405, 'REQUEST.METHOD_NOT_ALLOWED'],
  [
    'an unknown query parameter',
    { method: 'GET', path: '/v1/things?limt=3' },
    400,
    'REQUEST.UNKNOWN_FIELD',
  ],
  [
    'a query parameter where there is none',
    { path: '/v1/things?dry=true', body: '{"name":"a"}' },
    400,
    'REQUEST.UNKNOWN_FIELD',
  ],
  ['a limit of zero', { method: 'GET', path: '/v1/things?limit=0' }, 400, 'REQUEST.INVALID'],
  ['a limit that is none', { method: 'GET', path: '/v1/things?limit=x' }, 400, 'REQUEST.INVALID'],
  [
    'a parameter twice',
    { method: 'GET', path: '/v1/things?cursor=a&cursor=b' },
    400,
    'REQUEST.INVALID',
  ],
  ['a broken escape in the path', { path: '/v1/%zz' }, 400, 'REQUEST.MALFORMED_URL'],
  ['a broken escape in the query', { path: '/v1/things?a=%zz' }, 400, 'REQUEST.MALFORMED_URL'],
  ['no UTF-8 in the query', { path: '/v1/things?a=%ff' }, 400, 'REQUEST.MALFORMED_URL'],
  ['a NUL in the path', { path: '/v1/things/%00' }, 400, 'REQUEST.MALFORMED_URL'],
  ['a bug', { method: 'GET', path: '/v1/things/broken' }, 500, 'INTERNAL.UNEXPECTED'],
];

describe('the HTTP edge', () => {
  let edge: EdgeApp;

  beforeAll(async () => {
    edge = await startEdgeApp({ bodyLimitBytes: 4_096 });
  });
  afterAll(() => edge.app.close());

  const send = ({ method = 'POST', path = '/v1/things', type, body }: Sent) =>
    fetch(edge.url + path, {
      method,
      body: method === 'POST' ? (body ?? '{}') : undefined,
      headers: type === null ? {} : { 'content-type': type ?? 'application/json' },
    });

  it.each(TABLE)('answers %s with a problem', async (_, sent, status, code) => {
    const answer = await send(sent);
    const problem = (await answer.json()) as Record<string, unknown>;
    expect(problem).toMatchObject({ status, code, type: `urn:millrace:error:${code}` });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(problem['detail']).not.toBe('');
    expect(problem['requestId']).toMatch(/^req_/);
    expect((await send(json('{"name":"good"}'))).status).toBe(201);
  });

  it('does not take packed bytes for the content', async () => {
    const answer = await fetch(`${edge.url}/v1/raw`, {
      method: 'POST',
      body: gzipSync('{}'),
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    });
    expect(answer.status).toBe(415);
    expect(await answer.json()).toMatchObject({ code: 'REQUEST.UNSUPPORTED_CONTENT_ENCODING' });
  });

  it('names the methods that a path has', async () => {
    const answer = await send({ method: 'DELETE' });
    expect(answer.headers.get('allow')).toBe('GET, HEAD, POST');
  });

  it('names each field that is wrong', async () => {
    const answer = await send(json('{"inner":{}}'));
    expect(await answer.json()).toMatchObject({
      errors: [{ path: 'name' }, { path: 'name' }, { path: 'inner.colour' }],
    });
  });

  it('tells nothing of a bug to the caller, and all of it to the log', async () => {
    const text = await (await send({ method: 'GET', path: '/v1/things/broken' })).text();
    expect(text).not.toMatch(/swordfish|vault/);
    const { requestId } = JSON.parse(text) as { requestId: string };
    const line = edge.log.lines.find((each) => each.includes(requestId));
    expect(line).toMatch(/swordfish.*vault/);
  });

  it('lets no request change what objects are', async () => {
    await send(json('{"name":"a","__proto__":{"polluted":true}}'));
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('hands bytes of any content type to a raw route', async () => {
    const body = Buffer.from([0, 255, 254, 1]);
    for (const type of ['application/json', 'image/png', null]) {
      const answer = await send({ path: '/v1/raw', type, body });
      expect(await answer.json()).toEqual({ bytes: 4 });
    }
  });

  it('takes every +json content type, with parameters, in any case', async () => {
    for (const type of ['application/merge-patch+json', 'Application/JSON; charset=utf-8']) {
      expect((await send({ type, body: '{"name":"a"}' })).status).toBe(201);
    }
  });
});
