import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { keepSecret } from '../../config/key-files.js';
import { newEncryptionKey } from '../../config/key-format.js';
import { StartRefused } from '../../config/start-refused.js';
import { waitForPostgres } from '../../database/wait-for-postgres.js';
import { freePort } from '../free-port.js';
import { lastLines, openLogFile } from '../log-file.js';
import { endProcess } from '../running-processes.js';
import {
  ended,
  hasEnded,
  SupervisedProcess,
  type PlatformLog,
  type ProcessPlan,
} from '../supervised-process.js';
import { CLUSTER_USER, initialiseCluster } from './initialise-cluster.js';
import { clearLeftBehind } from './left-behind.js';
import { findPostgresBinaries } from './postgres-binaries.js';
import { postgresArguments } from './postgres-flags.js';
import { openForChild, runnableBinaries } from './reachable-directory.js';
import { unprivilegedUser, type SystemUser } from './unprivileged-user.js';

/** A running embedded Postgres. */
export interface EmbeddedPostgres {
  readonly url: string;
  /** The postmaster's process id; undefined while it is being started again. */
  readonly pid: () => number | undefined;
  stop(): Promise<void>;
}

const READY_TIMEOUT_MS = 60_000;
const READY_POLL_MS = 15;

interface Server {
  readonly program: string;
  readonly user: SystemUser | undefined;
  readonly directory: string;
  readonly logPath: string;
  readonly port: number;
  readonly url: string;
}

/** File descriptors that a postmaster is given, and how it finds its directory by one. */
interface Inherited {
  readonly path: string;
  readonly directory: number;
  readonly log: number;
}

function spawnPostmaster(server: Server, { path, directory, log }: Inherited): ChildProcess {
  // A session of its own: Ctrl-C in the terminal must not reach it before the application drained.
  return spawn(server.program, postgresArguments(path, server.port), {
    ...server.user,
    cwd: '/',
    detached: true,
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['ignore', log, log, directory],
  });
}

async function stopPostmaster(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || hasEnded(child)) return;
  const gone = ended(child);
  await endProcess(child.pid, [
    { signal: 'SIGINT', timeoutMs: 15_000 },
    { signal: 'SIGQUIT', timeoutMs: 5_000 },
    { signal: 'SIGKILL', timeoutMs: 1_000 },
  ]);
  await gone;
}

async function startPostmaster(server: Server, signal: AbortSignal): Promise<ChildProcess> {
  const [{ path, handle }, log] = await Promise.all([
    openForChild(server.directory),
    openLogFile(server.logPath),
  ]);
  try {
    const child = spawnPostmaster(server, { path, directory: handle.fd, log: log.fd });
    return await onceReady(child, server, signal);
  } finally {
    await Promise.all([handle.close(), log.close()]);
  }
}

/** To be called at once: a process may end, or not come to be, before the next turn. */
async function onceReady(
  child: ChildProcess,
  server: Server,
  signal: AbortSignal,
): Promise<ChildProcess> {
  const failed = new AbortController();
  const stopped = new Promise<never>((_, reject) => {
    // All of them, as for the broker: of one that nobody hears this process would end.
    child.on('error', reject);
    child.once('exit', () => {
      void lastLines(server.logPath, 3).then((lines) =>
        reject(new StartRefused(`Postgres did not start, see ${server.logPath}: ${lines}`)),
      );
    });
  });
  const ready = waitForPostgres(server.url, {
    timeoutMs: READY_TIMEOUT_MS,
    retryEveryMs: READY_POLL_MS,
    onWaiting: () => {},
    signal: AbortSignal.any([signal, failed.signal]),
  });
  try {
    await Promise.race([ready, stopped]);
    return child;
  } catch (error) {
    await stopPostmaster(child);
    throw error;
  } finally {
    failed.abort();
    ready.catch(() => undefined);
    stopped.catch(() => undefined);
  }
}

const planOf = (server: Server, log: PlatformLog): ProcessPlan => ({
  name: 'Postgres',
  start: async (signal) => {
    await clearLeftBehind(server.directory, log);
    return startPostmaster(server, signal);
  },
  stop: stopPostmaster,
});

/**
 * Starts PostgreSQL on a cluster in `dataDir`/postgres, made at the first start, and keeps it
 * running. It listens on 127.0.0.1 with a random password that is kept in the data directory.
 * Whoever calls this holds the data directory's lock.
 */
export async function startEmbeddedPostgres(
  dataDir: string,
  log: PlatformLog,
): Promise<EmbeddedPostgres> {
  // First: where there are none, nothing is left behind.
  const installed = await findPostgresBinaries();
  const [user, password] = await Promise.all([
    unprivilegedUser(),
    keepSecret(dataDir, 'postgres.password', newEncryptionKey),
  ]);
  const binaries = await runnableBinaries(installed, user);
  const directory = join(dataDir, 'postgres');
  await initialiseCluster({ binaries, user, directory, password: password.value });
  const port = await freePort();
  const server: Server = {
    program: binaries.postgres,
    user,
    directory,
    logPath: join(dataDir, 'logs/postgres.log'),
    port,
    url: `postgres://${CLUSTER_USER}:${password.value}@127.0.0.1:${port}/postgres`,
  };
  const supervised = new SupervisedProcess(planOf(server, log), log);
  await supervised.start();
  // An exit without draining must not leave it running.
  process.once('exit', () => supervised.signal('SIGINT'));
  return { url: server.url, pid: () => supervised.pid, stop: () => supervised.stop() };
}
