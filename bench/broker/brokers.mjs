/** The brokers that are compared, each in a process of its own. */
import { execFile, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { monotonicMs } from '../support/monotonic.mjs';
import { startApacheKafka } from '../../test/kafka/apache-kafka.mjs';

const BROKER = join(import.meta.dirname, '../../dist/kafka/broker/main.js');
/** As `npm start` and `npm run broker` start it. */
const FLAGS = ['--enable-source-maps', '--max-semi-space-size=4', '--initial-old-space-size=48'];
const ENVIRONMENT = { UV_THREADPOOL_SIZE: '16', MALLOC_ARENA_MAX: '2', ...process.env };

/** Resident memory in MiB. */
export async function memoryOf(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** The embedded broker on a directory of its own; with `dataDir`, started again on that one. */
export async function startEmbedded(fsync, dataDir) {
  const directory = dataDir ?? (await mkdtemp(join(tmpdir(), 'millrace-broker-bench-')));
  const since = monotonicMs();
  const args = ['--port', '0', '--data-dir', directory, '--fsync', fsync];
  const child = fork(BROKER, args, { execArgv: FLAGS, env: ENVIRONMENT, silent: true });
  const port = await new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message.port));
    child.once('exit', (code) => reject(new Error(`the broker ended with ${code}`)));
  });
  const startMs = monotonicMs() - since;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return {
    address: `127.0.0.1:${port}`,
    pid: child.pid,
    startMs,
    directory,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** With the memory that Kafka's own start script gives it. */
export const startApache = () => startApacheKafka(['-Xms1g', '-Xmx1g']);

let builtKfake;

/** Path of kfake's program; undefined where there is no Go to build it with. */
async function kfake() {
  const program = join(await mkdtemp(join(tmpdir(), 'millrace-kfake-')), 'kfake');
  const build = ['build', '-buildvcs=false', '-o', program, '.'];
  try {
    await promisify(execFile)('go', build, { cwd: join(import.meta.dirname, 'kfake') });
  } catch (error) {
    process.stderr.write(`kfake cannot be built here: ${error.message}\n`);
    await rm(dirname(program), { recursive: true });
    return undefined;
  }
  return program;
}

/** Removes the program again. */
export async function removeKfake() {
  const program = await builtKfake;
  if (program !== undefined) await rm(dirname(program), { recursive: true });
}

/** Whether kfake, franz-go's imitation of Kafka that keeps all in memory, can be started here. */
export const canRunKfake = async () => (await (builtKfake ??= kfake())) !== undefined;

/** Starts kfake. */
export async function startKfake() {
  const since = monotonicMs();
  const child = spawn(await builtKfake, [], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  const startMs = monotonicMs() - since;
  const ended = once(child, 'exit');
  return {
    address: String(line).trim(),
    pid: child.pid,
    startMs,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** A topic with one partition unless told. */
export async function createTopics({ address }, names, numPartitions = 1) {
  const admin = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.createTopics({
    topics: names.map((topic) => ({ topic, numPartitions })),
    waitForLeaders: false,
    timeout: 60_000,
  });
  // Kafka's brokers learn of new topics a moment after the controller.
  for (let known = false; !known;) {
    known = await admin.fetchTopicMetadata({ topics: names }).then(
      () => true,
      () => false,
    );
  }
  await admin.disconnect();
}
