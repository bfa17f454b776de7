import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { moduleNames } from '../../src/kafka/contracts/module-names.js';
import { freshDatabase } from './fresh-database.js';
import { routesOf, type Route } from './routes-of.js';

const main = join(import.meta.dirname, '../../dist/main.js');
const ADMIN_KEY = `mr_${'test-admin-key-of-an-installation'.padEnd(43, '0')}`;
const ENCRYPTION_KEY = Buffer.alloc(32, 7).toString('base64');

/** `together`: all modules in one process; `split`: a process per module. */
export type Layout = 'together' | 'split';

/** What differs from one installation to another. */
export interface InstallationOptions {
  /** MILLRACE_WEBHOOK_ALLOW_CIDRS; receivers of tests listen on 127.0.0.1, so that is allowed. */
  readonly webhookAllowCidrs?: string;
}

/** A running Millrace as its users see it: HTTP addresses and the admin key. */
export interface Installation {
  readonly layout: Layout;
  readonly adminKey: string;
  /** Settings under which other programs find its messages in Kafka. */
  readonly kafka: { readonly brokers: readonly string[]; readonly prefix: string };
  /** Address of a path (`/v1/…`) in the process whose module owns the route. */
  url(method: string, path: string): string;
  stop(): Promise<void>;
}

interface Process {
  readonly child: ChildProcess;
  readonly url: string;
  readonly routes: readonly Route[];
}

/** Starts one process and waits until it says where it listens. */
async function startProcess(env: Readonly<Record<string, string>>): Promise<Process> {
  const child = fork(main, [], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { url: string }).url));
    child.once('exit', (code) => reject(new Error(`Millrace ended with ${code} at its start`)));
  });
  return { child, url, routes: await routesOf(url, ADMIN_KEY) };
}

async function stopProcess({ child }: Process): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
  });
  child.kill('SIGTERM');
  const code = await ended;
  if (code !== 0) throw new Error(`Millrace did not drain: it ended with ${code}`);
}

/**
 * Starts Millrace from `dist/` on the shared test servers, with a database and a topic prefix of
 * its own.
 */
export async function startInstallation(
  layout: Layout,
  { webhookAllowCidrs = '127.0.0.0/8' }: InstallationOptions = {},
): Promise<Installation> {
  const database = await freshDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  const prefix = `millrace.${database.name}.`;
  const broker = process.env['MILLRACE_TEST_KAFKA']!;
  const sets = layout === 'together' ? ['all'] : moduleNames;
  const processes = await Promise.all(
    sets.map((modules) =>
      startProcess({
        DATABASE_URL: database.url,
        KAFKA_BROKERS: broker,
        MILLRACE_KAFKA_PREFIX: prefix,
        MILLRACE_MODULES: modules,
        MILLRACE_HTTP_PORT: '0',
        MILLRACE_DATA_DIR: join(dataDir, modules),
        MILLRACE_ADMIN_KEY: ADMIN_KEY,
        MILLRACE_ENCRYPTION_KEY: ENCRYPTION_KEY,
        MILLRACE_WEBHOOK_ALLOW_CIDRS: webhookAllowCidrs,
        MILLRACE_LOG_LEVEL: process.env['MILLRACE_TEST_LOG_LEVEL'] ?? 'fatal',
      }),
    ),
  );
  return {
    layout,
    adminKey: ADMIN_KEY,
    kafka: { brokers: [broker], prefix },
    url: (method, path) => {
      const owner = processes.find(({ routes }) => routes.some((route) => route(method, path)));
      return (owner ?? processes[0]!).url + path;
    },
    stop: async () => {
      await Promise.all(processes.map(stopProcess));
      await Promise.all([database.drop(), rm(dataDir, { recursive: true, force: true })]);
    },
  };
}
