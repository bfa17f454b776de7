#!/usr/bin/env node
/**
 * The compiled broker in a process of its own, since the number of threads that wait for the disk
 * can only be told to a process that begins. `millrace-broker` of the installed package is this
 * file; `npm run broker` compiles first.
 */
import { fork } from 'node:child_process';
import { join } from 'node:path';

const program = join(import.meta.dirname, '../dist/kafka/broker/main.js');
const broker = fork(program, process.argv.slice(2), {
  env: { UV_THREADPOOL_SIZE: '16', MALLOC_ARENA_MAX: '2', ...process.env },
  execArgv: ['--enable-source-maps', '--max-semi-space-size=4', '--initial-old-space-size=48'],
  // Over IPC the broker notices when this process is killed.
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
});
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => broker.kill('SIGTERM'));
broker.once('exit', (code) => process.exit(code ?? 1));
