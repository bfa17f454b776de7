import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isRunning } from '../../../src/platform/running-processes.js';
import { eventually } from '../../support/eventually.js';
import { call } from './rest.js';

const start = join(import.meta.dirname, '../../../scripts/start.mjs');

/** What can be killed: all at once, or one part while the others live on. */
export type Part = 'everything' | 'application' | 'broker' | 'postgres';

interface Listening {
  readonly url: string;
}

/**
 * Millrace as `npm start` runs it, with its embedded Postgres and broker, on a data directory of
 * its own; can be killed and started again.
 */
export class RealMillrace {
  readonly adminKey = `mr_${'crash-test-admin-key'.padEnd(43, '0')}`;
  private child: ChildProcess | undefined;
  private address: string | undefined;

  private constructor(
    private readonly dataDir: string,
    private readonly program: string,
  ) {}

  /**
   * Starts on an empty data directory.
   * @param program what to run; `npm start`'s when not given
   */
  static async create(program = start): Promise<RealMillrace> {
    const millrace = new RealMillrace(await mkdtemp(join(tmpdir(), 'millrace-crash-')), program);
    await millrace.start();
    return millrace;
  }

  /** Where it listens now; undefined while it is down. */
  get url(): string | undefined {
    return this.address;
  }

  /** Starts on what the data directory holds, and waits until it listens. */
  async start(): Promise<void> {
    const child = fork(this.program, [], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: {
        ...process.env,
        MILLRACE_HTTP_PORT: '0',
        MILLRACE_KAFKA_PORT: '0',
        MILLRACE_DATA_DIR: this.dataDir,
        MILLRACE_ADMIN_KEY: this.adminKey,
        MILLRACE_WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8',
        MILLRACE_LOG_LEVEL: process.env['MILLRACE_TEST_LOG_LEVEL'] ?? 'fatal',
      },
    });
    this.child = child;
    this.address = await new Promise<string>((resolve, reject) => {
      child.once('message', (message) => resolve((message as Listening).url));
      child.once('exit', (code) => reject(new Error(`Millrace ended with ${code} at its start`)));
    });
  }

  /** Sends SIGKILL to a part; resolves when the application is gone, if it is to go. */
  async kill(part: Part): Promise<void> {
    const parts = part === 'everything' ? (['broker', 'postgres', 'application'] as const) : [part];
    const victims = await Promise.all(parts.map((each) => this.pidOf(each)));
    const ended = new Promise((resolve) => {
      this.child!.once('exit', resolve);
    });
    const applicationGoes = victims.includes(this.child!.pid!);
    if (applicationGoes) this.address = undefined;
    for (const pid of victims) process.kill(pid, 'SIGKILL');
    if (applicationGoes) await ended;
  }

  /** Stops the application in the middle of whatever it does. */
  freeze(): void {
    this.child!.kill('SIGSTOP');
  }

  /** Lets it go on where it was stopped. */
  thaw(): void {
    this.child!.kill('SIGCONT');
  }

  /** Ends it as Ctrl-C does, and answers the exit code. */
  async stop(): Promise<number | null> {
    const child = this.child!;
    const ended = new Promise<number | null>((resolve) => {
      child.once('exit', resolve);
    });
    this.address = undefined;
    child.kill('SIGINT');
    return ended;
  }

  /** Ends whatever still runs, as after a test that failed half-way, and removes the data directory. */
  async remove(): Promise<void> {
    const { child } = this;
    if (child?.exitCode === null && child.signalCode === null) {
      this.thaw();
      await this.stop();
    }
    for (const part of ['broker', 'postgres'] as const) {
      const pid = await this.readPid(part);
      if (pid > 0 && isRunning(pid)) process.kill(pid, 'SIGKILL');
    }
    await rm(this.dataDir, { recursive: true, force: true });
  }

  /** Broker and Postgres live in sessions of their own, so a signal to the group misses them. */
  private async pidOf(part: Exclude<Part, 'everything'>): Promise<number> {
    if (part === 'application') return this.child!.pid!;
    return eventually(
      () => this.readPid(part),
      (pid) => pid > 0 && isRunning(pid),
    );
  }

  /** NaN when there is none. */
  private async readPid(part: 'broker' | 'postgres'): Promise<number> {
    const file = join(this.dataDir, part === 'broker' ? 'broker.pid' : 'postgres/postmaster.pid');
    return Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10);
  }
}

/** Makes a topic of four partitions, and stream subscriptions that begin at its first event. */
export async function createLoadTopic(
  millrace: RealMillrace,
  topic: string,
  streams: readonly string[],
): Promise<void> {
  await call(millrace, 'PUT', `/v1/topics/${topic}`, { partitions: 4 });
  for (const id of streams)
    await call(millrace, 'POST', '/v1/subscriptions', {
      id,
      topic,
      kind: 'stream',
      start: 'earliest',
    });
}
