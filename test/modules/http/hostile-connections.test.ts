import { fork } from 'node:child_process';
import { join } from 'node:path';

import { startEdgeApp, type EdgeApp } from './support/edge-app.js';
import { firstAnswer, RawConnection, sendRaw } from './support/raw-connection.js';

const LIMITS = {
  bodyLimitBytes: 65_536,
  headersTimeoutMs: 400,
  requestTimeoutMs: 700,
  keepAliveTimeoutMs: 500,
  checkIntervalMs: 100,
};

const head = (lines: string): string => `POST /v1/things HTTP/1.1\r\nhost: a\r\n${lines}\r\n\r\n`;

type Row = readonly [what: string, bytes: string | Buffer, status: number, code: string];

const CLOSED_WITH: readonly Row[] = [
  ['bytes that are not HTTP', Buffer.from('16030100ff', 'hex'), 400, 'REQUEST.MALFORMED_HTTP'],
  ['a method that does not exist', 'FETCH / HTTP/1.1\r\n\r\n', 400, 'REQUEST.MALFORMED_HTTP'],
  ['no Host', 'GET /livez HTTP/1.1\r\n\r\n', 400, 'REQUEST.MALFORMED_HTTP'],
  ['two lengths', head('content-length: 1\r\ncontent-length: 2'), 400, 'REQUEST.MALFORMED_HTTP'],
  [
    'a length and chunks, as in request smuggling',
    head('content-length: 4\r\ntransfer-encoding: chunked'),
    400,
    'REQUEST.MALFORMED_HTTP',
  ],
  ['a negative length', head('content-length: -1'), 400, 'REQUEST.MALFORMED_HTTP'],
  [
    'a chunk of no size',
    `${head('content-type: application/json\r\ntransfer-encoding: chunked')}zz\r\n`,
    400,
    'REQUEST.MALFORMED_HTTP',
  ],
  ['headers without end', head(`x: ${'y'.repeat(20_000)}`), 431, 'REQUEST.HEADERS_TOO_LARGE'],
  ['a line that never ends', 'GET /livez HTTP/1.1\r\nhost: a\r\nx: ', 408, 'REQUEST.TIMED_OUT'],
  [
    'a body that never ends',
    `${head('content-type: application/json\r\ncontent-length: 100')}{"name"`,
    408,
    'REQUEST.TIMED_OUT',
  ],
  [
    'chunks that never end',
    `${head('content-type: application/json\r\ntransfer-encoding: chunked')}1\r\n{\r\n`,
    408,
    'REQUEST.TIMED_OUT',
  ],
];

describe('the HTTP edge, among hostile connections,', () => {
  let edge: EdgeApp;

  beforeAll(async () => {
    edge = await startEdgeApp(LIMITS);
  });
  afterAll(() => edge.app.close());

  const alive = async () => (await fetch(`${edge.url}/livez`)).status;

  it.each(CLOSED_WITH)('answers %s and closes', async (_, bytes, status, code) => {
    const answer = firstAnswer(await sendRaw(edge.port, bytes));
    expect(answer).toMatchObject({ status, body: { status, code } });
    expect(await alive()).toBe(200);
  });

  it('closes a connection that trickles its headers byte by byte', async () => {
    const connection = await RawConnection.open(edge.port);
    connection.send('GET /livez HTTP/1.1\r\nhost: a\r\n');
    const trickle = setInterval(() => connection.send('x'), 20);
    expect(firstAnswer(await connection.untilClosed()).body.code).toBe('REQUEST.TIMED_OUT');
    clearInterval(trickle);
  });

  it('refuses a chunked body once it is too large, however it goes on', async () => {
    const connection = await RawConnection.open(edge.port);
    connection.send(head('content-type: application/json\r\ntransfer-encoding: chunked'));
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
    const flood = setInterval(() => connection.send(chunk), 5);
    const answer = firstAnswer(await connection.untilClosed());
    clearInterval(flood);
    expect(answer.body.code).toBe('REQUEST.TOO_LARGE');
  });

  it('answers what came whole before the sender closed its half', async () => {
    const connection = await RawConnection.open(edge.port);
    connection.send('GET /livez HTTP/1.1\r\nhost: a\r\n\r\n');
    connection.halfClose();
    expect(firstAnswer(await connection.untilClosed()).status).toBe(200);
  });

  it('drops what the sender closed its half in the middle of', async () => {
    const connection = await RawConnection.open(edge.port);
    connection.send(`${head('content-type: application/json\r\ncontent-length: 100')}{"name"`);
    connection.halfClose();
    const received = await connection.untilClosed();
    expect(received).not.toContain(' 201 ');
    expect(await alive()).toBe(200);
  });

  it('is unharmed by senders that vanish within a body', async () => {
    for (let i = 0; i < 50; i += 1) {
      const connection = await RawConnection.open(edge.port);
      connection.send(`${head('content-type: application/json\r\ncontent-length: 9')}{`);
      connection.vanish();
    }
    expect(await alive()).toBe(200);
    expect(edge.log.lines).toEqual([]);
  });

  it('answers a good request and closes on the garbage that is pipelined behind it', async () => {
    const received = await sendRaw(
      edge.port,
      'GET /livez HTTP/1.1\r\nhost: a\r\n\r\n\0\0garbage\r\n\r\n',
    );
    expect(firstAnswer(received).status).toBe(200);
    expect(received).toContain('REQUEST.MALFORMED_HTTP');
  });

  it('answers pipelined requests in their order', async () => {
    const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`;
    const connection = await RawConnection.open(edge.port);
    connection.send(get('/livez') + get('/v1/things?x=1') + get('/livez'));
    const statuses = (await connection.untilClosed()).match(/HTTP\/1\.1 \d+/g);
    expect(statuses).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400', 'HTTP/1.1 200']);
  });

  it('serves others while 2,000 connections idle, and closes them', async () => {
    const worker = join(import.meta.dirname, 'support/idle-connections.mjs');
    const child = fork(worker, [String(edge.port), '2000']);
    const says = (word: string) =>
      new Promise<void>((resolve) => {
        child.on('message', (said) => said === word && resolve());
      });
    const [opened, closed] = [says('opened'), says('closed')];
    try {
      await opened;
      expect(await alive()).toBe(200);
      await closed;
      expect(await alive()).toBe(200);
    } finally {
      child.kill();
    }
  });
});
