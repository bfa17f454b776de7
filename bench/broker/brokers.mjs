/** The brokers that are compared, each in a process of its own. */
import { fork } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { monotonicMs } from '../support/monotonic.mjs';
import { startApacheKafka } from '../../test/kafka/apache-kafka.mjs';

const BROKER = join(import.meta.dirname, '../../dist/kafka/broker/main.js');
const FLAGS = ['--enable-source-maps', '--max-semi-space-size=4'];

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
  const child = fork(BROKER, args, { execArgv: FLAGS, silent: true });
  const port = await new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message.port));
    child.once('exit', (code) => reject(new Error(`the broker ended with ${code}`)));
  });
  const startMs = monotonicMs() - since;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return {
    name: `embedded, fsync ${fsync}`,
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

export async function startApache() {
  const { address, pid, startMs, stop } = await startApacheKafka();
  return { name: 'Apache Kafka', address, pid, startMs, stop };
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
