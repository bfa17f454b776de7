import { fork, type ChildProcess } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StartRefused } from '../config/start-refused.js';
import { isPortFree } from './free-port.js';
import { lastLines, openLogFile } from './log-file.js';
import { readyMessage, type Announcement } from './ready-message.js';
import { commandLineOf, endProcess, waitUntilGone } from './running-processes.js';
import {
  ended,
  hasEnded,
  SupervisedProcess,
  type PlatformLog,
  type ProcessPlan,
} from './supervised-process.js';

/** A running embedded broker. */
export interface EmbeddedBroker {
  /** `127.0.0.1:9092`. */
  readonly address: string;
  /** The broker's process id; undefined while it is being started again. */
  readonly pid: () => number | undefined;
  stop(): Promise<void>;
}

/** What the embedded broker is started with. */
export interface BrokerOptions {
  readonly dataDir: string;
  /** 0: any free one; a broker that is started again keeps it. */
  readonly port: number;
  /** The broker's program; the built one when not given. */
  readonly program?: string;
}

const HOST = '127.0.0.1';
const builtProgram = fileURLToPath(new URL('../kafka/broker/main.js', import.meta.url));
const READY_TIMEOUT_MS = 60_000;
/** A broker whose parent was killed ends by itself; then it is given this long. */
const LEAVING_MS = 5_000;
/**
 * A small young generation, as the broker holds buffers, not objects. Room for old ones: V8 counts
 * buffers among them, and would else collect all garbage every ten megabytes that pass through.
 */
const EXEC_ARGV = [
  '--enable-source-maps',
  '--max-semi-space-size=4',
  '--initial-old-space-size=48',
];
/**
 * Reads must not wait for a thread behind the syncs of many partitions (Node has 4 by itself); and
 * so many threads would else keep that much more memory apart (glibc).
 */
const ENVIRONMENT = { UV_THREADPOOL_SIZE: '16', MALLOC_ARENA_MAX: '2' };

const portTaken = (port: number): StartRefused =>
  new StartRefused(
    `Port ${port} of ${HOST}, for the embedded broker, is taken by another program. Set MILLRACE_KAFKA_PORT to a free port (0: any), or KAFKA_BROKERS to a Kafka of your own.`,
  );

/** Waits for the broker of a killed start to end, and ends it if it does not. */
async function clearLeftBehind(options: BrokerOptions, log: PlatformLog): Promise<void> {
  const content = await readFile(join(options.dataDir, 'broker.pid'), 'utf8').catch(() => '');
  const pid = Number.parseInt(content, 10);
  if (!(pid > 0) || !(await commandLineOf(pid))?.includes(brokerDirectory(options))) return;
  log.warn(`Waiting for the broker (process ${pid}) that an earlier start left running`);
  if (await waitUntilGone(pid, LEAVING_MS)) return;
  await endProcess(pid, [
    { signal: 'SIGTERM', timeoutMs: LEAVING_MS },
    { signal: 'SIGKILL', timeoutMs: 1_000 },
  ]);
}

const brokerDirectory = ({ dataDir }: BrokerOptions): string => join(dataDir, 'kafka');

/** @param log a file descriptor for what it writes */
function spawnBroker(options: BrokerOptions, port: number, log: number): ChildProcess {
  const args = ['--port', String(port), '--host', HOST];
  return fork(
    options.program ?? builtProgram,
    [...args, '--data-dir', brokerDirectory(options), '--fsync', 'always'],
    // A session of its own: Ctrl-C must not reach it before the application drained.
    {
      detached: true,
      env: { ...ENVIRONMENT, ...process.env },
      execArgv: EXEC_ARGV,
      stdio: ['ignore', log, log, 'ipc'],
    },
  );
}

const brokerLog = ({ dataDir }: BrokerOptions): string => join(dataDir, 'logs/broker.log');

const announcementOf = (options: BrokerOptions): Announcement<number> => ({
  name: 'The broker',
  timeoutMs: READY_TIMEOUT_MS,
  read: (message) =>
    typeof message === 'object' &&
    message !== null &&
    'port' in message &&
    typeof message.port === 'number'
      ? message.port
      : undefined,
  lastWords: async () => `See ${brokerLog(options)}: ${await lastLines(brokerLog(options), 3)}`,
});

/** The broker ends when its parent lets go of it; signals are for one that does not. */
async function stopBroker(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || hasEnded(child)) return;
  const gone = ended(child);
  child.kill('SIGTERM');
  if (!(await waitUntilGone(child.pid, 10_000))) child.kill('SIGKILL');
  await gone;
}

/**
 * As soon as there is a process: whoever finds the directory after a kill must know what was left.
 * On a full disk that is told, as the broker can do without.
 */
async function writePid(
  { dataDir }: BrokerOptions,
  { pid }: ChildProcess,
  log: PlatformLog,
): Promise<void> {
  if (pid === undefined) return;
  const file = join(dataDir, 'broker.pid');
  await writeFile(file, `${pid}\n`).catch((error: unknown) => {
    log.warn(`The broker's process id ${pid} cannot be kept in ${file}: ${String(error)}`);
  });
}

async function startBroker(
  options: BrokerOptions,
  port: number,
  log: PlatformLog,
): Promise<{ child: ChildProcess; port: number }> {
  if (port !== 0 && !(await isPortFree(port, HOST))) throw portTaken(port);
  const output = await openLogFile(brokerLog(options));
  try {
    const child = spawnBroker(options, port, output.fd);
    return { child, port: await portOf(child, options, log) };
  } finally {
    await output.close();
  }
}

/** To be called at once: what becomes of a process is heard from its first moment on. */
async function portOf(
  child: ChildProcess,
  options: BrokerOptions,
  log: PlatformLog,
): Promise<number> {
  try {
    const ready = readyMessage(child, announcementOf(options));
    const [port] = await Promise.all([ready, writePid(options, child, log)]);
    return port;
  } catch (error) {
    await stopBroker(child);
    throw error;
  }
}

/**
 * Starts the embedded broker in a process of its own, on `dataDir`/kafka and 127.0.0.1, and keeps it
 * running on the same port. Whoever calls this holds the data directory's lock.
 * @throws StartRefused when the port is taken, or with the broker's last words
 */
export async function startEmbeddedBroker(
  options: BrokerOptions,
  log: PlatformLog,
): Promise<EmbeddedBroker> {
  await clearLeftBehind(options, log);
  let { port } = options;
  const plan: ProcessPlan = {
    name: 'The broker',
    start: async () => {
      const started = await startBroker(options, port, log);
      port = started.port;
      return started.child;
    },
    stop: stopBroker,
  };
  const supervised = new SupervisedProcess(plan, log);
  await supervised.start();
  return { address: `${HOST}:${port}`, pid: () => supervised.pid, stop: () => supervised.stop() };
}
