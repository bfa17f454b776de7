/** The Millrace that is measured: `npm start` as a process, on a directory of its own. */
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/free-port.mjs';
import { startArguments } from '../support/start-arguments.mjs';

const START = join(import.meta.dirname, '../../scripts/start.mjs');

/** `BENCH_CPU_PROF=directory` writes a profile for Chrome's developer tools when it ends. */
const { BENCH_CPU_PROF: profiles } = process.env;
const profiling = profiles ? ['--cpu-prof', `--cpu-prof-dir=${profiles}`] : [];
const execArgv = [...startArguments, ...profiling];

const ended = (child) =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', resolve);
  });

const numberIn = async (path) => Number.parseInt(await readFile(path, 'utf8').catch(() => ''), 10);

export class Platform {
  #adminKey = `mr_${randomBytes(32).toString('base64url')}`;

  /** @param without variables of the environment that it does not get */
  static async create({ without = [] } = {}) {
    const platform = new Platform();
    platform.dataDir = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
    platform.environment = {
      ...process.env,
      ...Object.fromEntries(without.map((name) => [name, ''])),
      MILLRACE_DATA_DIR: platform.dataDir,
      MILLRACE_HTTP_PORT: String(await freePort()),
      MILLRACE_KAFKA_PORT: String(await freePort()),
      MILLRACE_KAFKA_PREFIX: `bench-${Date.now()}.`,
      MILLRACE_ADMIN_KEY: platform.#adminKey,
      MILLRACE_WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8',
      MILLRACE_LOG_LEVEL: process.env.BENCH_LOG_LEVEL ?? 'error',
    };
    try {
      await platform.start();
    } catch (error) {
      await platform.remove();
      throw error;
    }
    return platform;
  }

  get authorization() {
    return `Bearer ${this.#adminKey}`;
  }

  get pid() {
    return this.child.pid;
  }

  /** Starts, or starts again after a kill: on the same ports and the same directory. */
  async start() {
    this.child = fork(START, [], { env: this.environment, execArgv });
    this.origin = await new Promise((resolve, reject) => {
      this.child.once('message', ({ url }) => resolve(url));
      this.child.once('exit', (code) => reject(new Error(`Millrace ended with ${code}`)));
    });
  }

  /** One call of the REST interface that must succeed. */
  async call(method, path, body, type = 'application/json') {
    const headers = {
      authorization: this.authorization,
      ...(body ? { 'content-type': type } : {}),
    };
    const text = body && JSON.stringify(body);
    const answer = await fetch(this.origin + path, { method, headers, body: text });
    const answered = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${answered}`);
    return answered ? JSON.parse(answered) : undefined;
  }

  /** `kill -9` of the application, its broker and its Postgres. */
  async kill() {
    const pids = await Promise.all([
      numberIn(join(this.dataDir, 'broker.pid')),
      numberIn(join(this.dataDir, 'postgres/postmaster.pid')),
    ]);
    for (const pid of [this.child.pid, ...pids]) process.kill(pid, 'SIGKILL');
    await ended(this.child);
  }

  /** Ends it and removes what it stored. */
  async remove() {
    this.child.kill('SIGTERM');
    await ended(this.child);
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
