/**
 * `npm run bench [-- publish [rounds]]`: publishing over REST against a bare Fastify handler with
 * the same log client, in one run. 64 connections, events of about 300 bytes, acks=all; one event
 * a request and 100 a request. Prints each round, then the median ratio and its spread.
 *
 * KAFKA_BROKERS and DATABASE_URL name servers to use; without them the embedded ones are started.
 * BENCH_SECONDS (4) and BENCH_WARM_UP_SECONDS (2) set the times.
 */
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { getReadyToRun, programPath } from '../../scripts/ready-to-run.mjs';
import { cpuSecondsOf } from '../support/cpu-seconds.mjs';
import { freePort } from '../support/free-port.mjs';
import { startArguments } from '../support/start-arguments.mjs';
import { median } from '../support/statistics.mjs';
import { dataSchema, eventType } from './events.mjs';

const rounds = Number(process.argv[2] ?? 3);
const measureMs = Number(process.env.BENCH_SECONDS ?? 4) * 1000;
const warmUpMs = Number(process.env.BENCH_WARM_UP_SECONDS ?? 2) * 1000;
const adminKey = `mr_${randomBytes(32).toString('base64url')}`;
const here = (name) => join(import.meta.dirname, name);

/** A child process, once it has sent its first message. */
async function start(program, args = [], env = {}) {
  const child = fork(program, args, {
    env: { ...process.env, ...env },
    execArgv: startArguments,
  });
  const message = await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code}`)));
  });
  return { child, ...message };
}

const stop = ({ child }) =>
  new Promise((resolve) => {
    child.once('exit', resolve);
    child.kill('SIGTERM');
  });

async function put(url, body) {
  const answer = await fetch(url, {
    method: 'PUT',
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`PUT ${url}: ${answer.status} ${await answer.text()}`);
}

/** One load run against a server, in a fresh process. */
async function load({ url, path, child: server }, size) {
  const child = fork(here('load.mjs'));
  const { hostname, port, host } = new URL(url);
  const authorization = `Bearer ${adminKey}`;
  child.send({ hostname, port, host, path, authorization, size, warmUpMs, measureMs });
  const before = await cpuSecondsOf(server.pid);
  const { result, error } = await new Promise((resolve) => child.once('message', resolve));
  child.kill();
  if (error) throw new Error(error);
  const microseconds = ((await cpuSecondsOf(server.pid)) - before) * 1e6;
  return { ...result, cpuPerEvent: microseconds / result.sent };
}

const show = ({ perSecond, p50, p99, cpuPerEvent }) =>
  `${Math.round(perSecond).toLocaleString('en')}/s, p50 ${p50.toFixed(1)} p99 ${p99.toFixed(1)} ms, ` +
  `${cpuPerEvent.toFixed(0)} µs CPU`;

async function compare(servers, size) {
  const ratios = [];
  for (let round = 0; round < rounds; round += 1) {
    const results = {};
    // Who goes first changes: what the machine does meanwhile should not always hit the same one.
    const order = round % 2 === 0 ? ['bare', 'millrace'] : ['millrace', 'bare'];
    for (const name of order) {
      results[name] = await load(servers[name], size);
    }
    const ratio = results.millrace.perSecond / results.bare.perSecond;
    ratios.push(ratio);
    process.stdout.write(
      `  bare     ${show(results.bare)}\n  millrace ${show(results.millrace)}\n  ratio ${ratio.toFixed(2)}\n`,
    );
  }
  const spread = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
  process.stdout.write(`  median ratio ${median(ratios).toFixed(2)} (${spread})\n`);
}

await getReadyToRun();
const dataDir = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
const brokerPort = await freePort();
const brokers = process.env.KAFKA_BROKERS ?? `127.0.0.1:${brokerPort}`;
const topic = `bench-${Date.now()}`;
const millrace = await start(programPath('main'), [], {
  MILLRACE_DATA_DIR: dataDir,
  MILLRACE_HTTP_PORT: '0',
  MILLRACE_KAFKA_PORT: String(brokerPort),
  MILLRACE_KAFKA_PREFIX: `${topic}.`,
  MILLRACE_ADMIN_KEY: adminKey,
  MILLRACE_LOG_LEVEL: 'error',
});
await put(`${millrace.url}/v1/topics/${topic}`, { partitions: 4, enforceSchemas: true });
await put(`${millrace.url}/v1/topics/${topic}/schemas/${eventType}`, { schema: dataSchema });
const bare = await start(here('bare-server.mjs'), [brokers, topic]);
const servers = {
  millrace: { ...millrace, path: `/v1/topics/${topic}/events` },
  bare: { ...bare, path: '/events' },
};
process.stdout.write(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}\n`);
try {
  for (const size of [1, 100]) {
    process.stdout.write(`${size} event${size === 1 ? '' : 's'} a request, events a second:\n`);
    await compare(servers, size);
  }
} finally {
  await stop(bare);
  await stop(millrace);
  await rm(dataDir, { recursive: true, force: true });
}
