/** The Millrace that the demo talks to: the running one, or a fresh one of its own. */
import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const start = join(import.meta.dirname, '../../scripts/start.mjs');

/** A started process tells where it listens by a message to its parent. */
const listening = (child) =>
  new Promise((resolve, reject) => {
    child.once('message', ({ url }) => resolve(url));
    child.once('exit', (code) => reject(new Error(`Millrace ended with ${code} at its start`)));
  });

async function startOwn() {
  const dataDir = await mkdtemp(join(tmpdir(), 'millrace-demo-'));
  const key = `mr_${'demo'.padEnd(43, '0')}`;
  const child = fork(start, [], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      ...process.env,
      MILLRACE_DATA_DIR: dataDir,
      MILLRACE_HTTP_PORT: '0',
      MILLRACE_KAFKA_PORT: '0',
      MILLRACE_ADMIN_KEY: key,
      // The demo's receiver has a private address, which webhooks do not reach by default.
      MILLRACE_WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8',
      MILLRACE_LOG_LEVEL: 'error',
    },
  });
  const url = await listening(child);
  const ended = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    await rm(dataDir, { recursive: true, force: true });
  };
  return { url, key, stop };
}

/** An answer that is no success; `code` as docs/errors.md explains it. */
class CallFailed extends Error {
  constructor(call, status, text) {
    super(`${call}: ${status} ${text}`);
    this.status = status;
    this.code = /"code":"([^"]+)"/.exec(text)?.[1];
  }
}

/**
 * Uses MILLRACE_URL with MILLRACE_ADMIN_KEY where they are set, else starts a Millrace on a
 * temporary directory that is removed in the end.
 */
export async function connect() {
  const { MILLRACE_URL: url, MILLRACE_ADMIN_KEY: key } = process.env;
  const { stop = async () => undefined, ...at } = url ? { url, key } : await startOwn();

  /** One call of the REST interface that must succeed. */
  async function call(method, path, { body, type = 'application/json' } = {}) {
    const answer = await fetch(at.url + path, {
      method,
      headers: { authorization: `Bearer ${at.key}`, ...(body ? { 'content-type': type } : {}) },
      body,
    });
    const text = await answer.text();
    if (!answer.ok) throw new CallFailed(`${method} ${path}`, answer.status, text);
    return text ? JSON.parse(text) : undefined;
  }

  return { ...at, call, stop };
}
