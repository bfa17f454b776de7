#!/usr/bin/env node
/**
 * The compiled broker in a process of its own, since the number of threads that wait for the disk
 * can only be told to a process that begins. `millrace-broker` of the installed package is this
 * file; `npm run broker` compiles first.
 */
import { fork } from 'node:child_process';
import { fstatSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

/** Whether the input is a pipe that somebody holds: that of `: | millrace-broker` is over at once. */
async function isInputHeld() {
  const input = fstatSync(0);
  if (!input.isFIFO() && !input.isSocket()) return false;
  process.stdin.resume();
  // In this many turns of the event loop, what is there to read is read, and then its end.
  for (let turn = 0; turn < 3; turn += 1) await setImmediate();
  return !process.stdin.readableEnded;
}

const program = join(import.meta.dirname, '../dist/kafka/broker/main.js');
const isHeld = await isInputHeld();
const broker = fork(program, process.argv.slice(2), {
  env: { UV_THREADPOOL_SIZE: '16', MALLOC_ARENA_MAX: '2', ...process.env },
  execArgv: ['--enable-source-maps', '--max-semi-space-size=4', '--initial-old-space-size=48'],
  // Over IPC the broker notices when this process is killed.
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
});
const end = () => broker.kill('SIGTERM');
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, end);

// Whoever started it may be gone without a signal: then the channel and the pipe to it end.
// It may have gone before that could be heard: then there is nobody to send to.
broker.on('message', (message) => process.send?.(message, (error) => error && end()));
process.on('disconnect', end);
if (isHeld) process.stdin.once('end', end);
broker.once('exit', (code) => process.exit(code ?? 1));
