import { Client } from 'pg';

import { revokeKey } from '../../../src/kafka/contracts/access.contracts.js';
import { uniqueName, type MillraceClient } from '../../support/client.js';
import { eventually } from '../../support/eventually.js';
import { ForeignProgram } from '../../support/foreign-program.js';
import { firstAnswer, RawConnection } from '../http/support/raw-connection.js';
import { AccessBed } from './access-app.js';

interface Key {
  readonly uid: string;
  readonly id: string;
  readonly key: string;
}

interface KeyPage {
  readonly data: readonly Key[];
  readonly nextCursor: string | null;
}

describe('API keys', () => {
  let bed: AccessBed;
  let access: MillraceClient;
  /** A process without any module: it knows keys from Kafka only. */
  let other: MillraceClient;

  beforeAll(async () => {
    bed = await AccessBed.make();
    access = await bed.start('access');
    other = await bed.start();
  });
  afterAll(() => bed.stop());

  const create = (rights: Record<string, unknown> = {}) =>
    access.must<Key>('POST', '/v1/keys', { json: { scopes: ['publish'], ...rights } });

  /** What the other process answers to a key: 200 to any valid one. */
  const statusElsewhere = async (key: string) =>
    (await other.call('GET', '/openapi.json', { key })).status;

  it('are shown once, and kept as a hash', async () => {
    const id = uniqueName('key');
    const answer = await access.call<Key>('POST', '/v1/keys', {
      json: { id, scopes: ['publish', 'consume', 'publish'], topics: ['orders'], tenant: 'acme' },
    });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.body.key).toMatch(/^mr_[A-Za-z0-9_-]{43}$/);
    const shown = {
      uid: answer.body.uid,
      id,
      scopes: ['publish', 'consume'],
      topics: ['orders'],
      subscriptions: null,
      tenant: 'acme',
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    };
    expect(await access.must('GET', `/v1/keys/${id}`)).toEqual(shown);
    const client = new Client({ connectionString: bed.database.url });
    await client.connect();
    const { rows } = await client.query('SELECT * FROM access.keys WHERE id = $1', [id]);
    await client.end();
    expect(JSON.stringify(rows)).not.toContain(answer.body.key.slice(3));
  });

  it('work in every process as soon as they are made', async () => {
    for (let i = 0; i < 50; i += 1) {
      const { key } = await create();
      expect(await statusElsewhere(key)).toBe(200);
    }
  });

  it('stop working everywhere within a second of being revoked', async () => {
    const { id, key } = await create();
    expect(await statusElsewhere(key)).toBe(200);
    expect((await access.call('DELETE', `/v1/keys/${id}`)).status).toBe(204);
    expect((await access.call('GET', `/v1/keys/${id}`)).status).toBe(404);
    await eventually(
      () => statusElsewhere(key),
      (status) => status === 401,
      1,
    );
  });

  it('with a used id are refused, and a new one after a revocation is another key', async () => {
    const first = await create({ id: uniqueName('key') });
    const again = await access.call('POST', '/v1/keys', {
      json: { id: first.id, scopes: ['publish'] },
    });
    expect(again).toMatchObject({ status: 409, body: { code: 'ACCESS.KEY_EXISTS' } });
    await access.must('DELETE', `/v1/keys/${first.id}`);
    const second = await create({ id: first.id });
    expect(second.uid).not.toBe(first.uid);
    expect(second.key).not.toBe(first.key);
    expect(await statusElsewhere(second.key)).toBe(200);
  });

  it('of one id are made once, however many ask at the same time', async () => {
    const json = { id: uniqueName('key'), scopes: ['publish'] };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => access.call('POST', '/v1/keys', { json })),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
  });

  it('are listed by id, a page at a time, each once', async () => {
    const prefix = uniqueName('listed');
    for (const n of [3, 1, 2, 5, 4]) await create({ id: `${prefix}.${n}` });
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? '' : `&cursor=${cursor}`;
      const page: KeyPage = await access.must<KeyPage>('GET', `/v1/keys?limit=2${query}`);
      expect(page.data.length).toBeLessThanOrEqual(2);
      expect(JSON.stringify(page)).not.toContain('hash');
      seen.push(...page.data.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen.filter((id) => id.startsWith(prefix))).toEqual(
      [1, 2, 3, 4, 5].map((n) => `${prefix}.${n}`),
    );
    expect(seen).toEqual([...new Set(seen)].sort());
  });

  it.each([
    ['no scopes', { scopes: [] }, 'REQUEST.INVALID'],
    ['a scope that does not exist', { scopes: ['root'] }, 'REQUEST.INVALID'],
    ['an id that breaks the rule', { id: 'Shop 1', scopes: ['publish'] }, 'REQUEST.INVALID'],
    ['a misspelt field', { scopes: ['publish'], topic: ['a'] }, 'REQUEST.UNKNOWN_FIELD'],
    ['a tenant with admin', { scopes: ['admin'], tenant: 'acme' }, 'ACCESS.KEY_RIGHTS_INVALID'],
    ['a topic no one has', { scopes: ['publish'], topics: ['a b'] }, 'ACCESS.KEY_RIGHTS_INVALID'],
    ['a NUL in the tenant', { scopes: ['publish'], tenant: 'a\0' }, 'ACCESS.KEY_RIGHTS_INVALID'],
  ])('are refused with %s', async (_, json, code) => {
    expect(await access.call('POST', '/v1/keys', { json })).toMatchObject({
      status: 400,
      body: { code },
    });
  });

  it('are the business of admin alone', async () => {
    const { key } = await create({ scopes: ['publish', 'consume', 'manage'] });
    for (const [method, path] of [
      ['POST', '/v1/keys'],
      ['GET', '/v1/keys'],
      ['GET', '/v1/keys/a'],
      ['DELETE', '/v1/keys/a'],
    ] as const) {
      const json = method === 'POST' ? { scopes: ['publish'] } : undefined;
      expect(await access.call(method, path, { key, json })).toMatchObject({
        status: 403,
        body: { code: 'AUTH.SCOPE_MISSING', scope: 'admin' },
      });
      const keyless = await access.call(method, path, { key: null, json });
      expect(keyless).toMatchObject({ status: 401, body: { code: 'AUTH.KEY_MISSING' } });
      expect(keyless.headers.get('www-authenticate')).toMatch(/^Bearer/);
    }
    const admin = await create({ scopes: ['admin'] });
    expect((await access.call('GET', '/v1/keys', { key: admin.key })).status).toBe(200);
  });

  it('that are wrong are refused, in number too, without slowing those that are right', async () => {
    const { key } = await create();
    const wrong = Array.from({ length: 500 }, (_, n) =>
      other.call('GET', '/metrics', { key: `mr_${String(n).padStart(43, 'x')}` }),
    );
    expect(await statusElsewhere(key)).toBe(200);
    const statuses = new Set((await Promise.all(wrong)).map(({ status }) => status));
    expect([...statuses].filter((status) => status !== 401 && status !== 429)).toEqual([]);
    const malformed = await other.call('GET', '/metrics', { key: 'mr_short' });
    expect(malformed.body).toMatchObject({ code: 'AUTH.KEY_INVALID' });
  });

  it('are asked for before a large body is read', async () => {
    const port = Number(new URL(access.installation.url('GET', '/')).port);
    const connection = await RawConnection.open(port);
    connection.send(
      'POST /v1/keys HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 900000\r\n\r\n{',
    );
    const answer = await eventually(
      () => connection.soFar,
      (text) => text !== '',
    );
    expect(firstAnswer(answer)).toMatchObject({ status: 401, body: { code: 'AUTH.KEY_MISSING' } });
    connection.vanish();
  });

  it('are revoked by a command over Kafka, for admin only', async () => {
    const program = await ForeignProgram.start(access.installation);
    const { id, key } = await create({ scopes: ['manage'] });
    expect((await program.command(revokeKey, { id }, null)).error?.code).toBe('AUTH.KEY_MISSING');
    expect((await program.command(revokeKey, { id }, key)).error?.code).toBe('AUTH.SCOPE_MISSING');
    expect((await program.command(revokeKey, { id })).value).toEqual({ revoked: true });
    expect((await program.command(revokeKey, { id })).error?.code).toBe('ACCESS.KEY_NOT_FOUND');
    await eventually(
      () => statusElsewhere(key),
      (status) => status === 401,
      1,
    );
    await program.stop();
  });

  it('are known to a process that starts later', async () => {
    const { key } = await create();
    const late = await bed.start();
    expect((await late.call('GET', '/openapi.json', { key })).status).toBe(200);
  });

  it('are described in the OpenAPI document of their process', async () => {
    const document = await access.must<{
      paths: Record<string, Record<string, { security?: unknown; responses: object }>>;
    }>('GET', '/openapi.json');
    expect(Object.keys(document.paths['/v1/keys'] ?? {}).sort()).toEqual(['get', 'post']);
    expect(document.paths['/v1/keys']?.['post']?.responses).toHaveProperty('default');
    expect(document.paths['/livez']?.['get']?.security).toEqual([]);
    const elsewhere = await other.must<{ paths: object }>('GET', '/openapi.json');
    expect(elsewhere.paths).not.toHaveProperty('/v1/keys');
  });
});
