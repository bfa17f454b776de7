import { HealthRegistry } from '../../../src/common/health/health-registry.js';
import { startEdgeApp, type EdgeApp } from './support/edge-app.js';
import { firstAnswer, RawConnection } from './support/raw-connection.js';

describe('the routes of operators', () => {
  let edge: EdgeApp;

  beforeEach(async () => {
    edge = await startEdgeApp();
  });
  afterEach(() => edge.app.close());

  const get = (path: string) => fetch(edge.url + path);

  it('tell that the process is alive, and ready', async () => {
    expect(await (await get('/livez')).json()).toEqual({ status: 'alive' });
    expect(await (await get('/readyz')).json()).toEqual({ status: 'ready', checks: [] });
  });

  it('tell which check is not fine', async () => {
    const health = edge.app.get(HealthRegistry);
    health.register('kafka', async () => ({ ok: false, detail: 'No broker answers.' }));
    health.register('postgres', async () => ({ ok: true }));
    const answer = await get('/readyz');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({
      code: 'HEALTH.NOT_READY',
      checks: [
        { name: 'kafka', ok: false, detail: 'No broker answers.' },
        { name: 'postgres', ok: true },
      ],
    });
    expect((await get('/livez')).status).toBe(200);
  });

  it('count requests by route, never by URL', async () => {
    await get('/v1/things?limit=1');
    await get('/v1/things?limit=2');
    await get('/v1/nothing/at/all');
    const text = await (await get('/metrics')).text();
    expect(text).toContain('process_resident_memory_bytes');
    expect(text).toMatch(
      /request_duration_seconds_count\{method="GET",route="\/v1\/things",status="200"\} 2/,
    );
    expect(text).toMatch(/_count\{method="any",route="none",status="404"\} 1/);
    expect(text).not.toContain('nothing');
  });

  it('describe the routes of the process, with the problem that each may answer', async () => {
    const document = (await (await get('/openapi.json')).json()) as {
      paths: Record<string, Record<string, { responses: object }>>;
      components: { schemas: object };
    };
    expect(document.paths['/v1/things']?.['post']?.responses).toHaveProperty('default');
    expect(document.components.schemas).toHaveProperty('Problem');
    const messages = (await (await get('/asyncapi.json')).json()) as { asyncapi: string };
    expect(messages.asyncapi).toBe('3.0.0');
  });

  it('refuse new work on open connections while the process drains', async () => {
    const connection = await RawConnection.open(edge.port);
    edge.app.getHttpAdapter().beforeClose?.();
    connection.send('GET /v1/things HTTP/1.1\r\nhost: a\r\n\r\n');
    const answer = firstAnswer(await connection.untilClosed());
    expect(answer).toMatchObject({ status: 503, body: { code: 'REQUEST.SHUTTING_DOWN' } });
    expect((await get('/livez')).status).toBe(200);
  });
});
