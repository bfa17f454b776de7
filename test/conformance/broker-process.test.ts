import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { isForeign } from './support/broker-under-test.js';
import { RawClient } from './support/raw-client.js';

// What is started here is the embedded broker's program, from dist/.
const embedded = isForeign ? describe.skip : describe;

const root = join(import.meta.dirname, '../..');
const program = join(root, 'dist/kafka/broker/main.js');
const script = join(root, 'scripts/run-broker.mjs');
const API_VERSIONS = 18;

let directory: string;
let child: ChildProcess;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'broker-process-'));
});
afterEach(async () => {
  child.kill('SIGKILL');
  await rm(directory, { recursive: true, force: true });
});

const args = (): string[] => ['--port', '0', '--data-dir', directory];

/** Starts it in a session of its own; resolves to its port once it listens. */
async function start(file: string, stderr: 'ignore' | 'pipe' | number): Promise<number> {
  const stdio = ['ignore', 'pipe', stderr] as const;
  child = spawn(process.execPath, [file, ...args()], { detached: true, stdio: [...stdio] });
  const [line] = (await once(createInterface(child.stdout as Readable), 'line')) as [string];
  return (JSON.parse(line) as { port: number }).port;
}

async function exitCode(): Promise<number | null> {
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

async function sendsNonsense(port: number): Promise<void> {
  const bad = await RawClient.open({ host: '127.0.0.1', port });
  bad.socket.write('GET / HTTP/1.1\r\n\r\n');
  await bad.closed;
}

async function serves(port: number): Promise<boolean> {
  const client = await RawClient.open({ host: '127.0.0.1', port });
  const { errorCode } = await client.request<{ errorCode: number }>(API_VERSIONS, 0, {});
  client.close();
  return errorCode === 0;
}

/** 0 is only had from a broker that has lived until it is told. */
async function stop(): Promise<number | null> {
  child.kill('SIGTERM');
  return await exitCode();
}

embedded('a broker that cannot write what it has to say', () => {
  it('goes on where the disk of its log is full', async () => {
    const full = await open('/dev/full', 'w');
    const port = await start(program, full.fd);
    await full.close();
    await sendsNonsense(port);
    expect(await serves(port)).toBe(true);
    expect(await stop()).toBe(0);
  });

  it('goes on where nobody reads it any longer', async () => {
    const port = await start(program, 'pipe');
    child.stderr!.destroy();
    child.stdout!.destroy();
    await sendsNonsense(port);
    expect(await serves(port)).toBe(true);
    expect(await stop()).toBe(0);
  });
});

embedded('a broker that was paused for so long that another has its data directory', () => {
  it('ends at once, says why, and leaves the directory to that one', async () => {
    await start(program, 'pipe');
    const words = text(child.stderr!);
    const ended = exitCode();
    child.kill('SIGSTOP');
    const lock = join(directory, 'broker.lock');
    await writeFile(lock, '{"pid":4242,"startedAt":null,"home":"elsewhere"}');
    child.kill('SIGCONT');
    expect(await ended).toBe(1);
    expect(await words).toMatch(/^The data directory .* is no longer this broker's: .*\n$/);
    expect(await readFile(lock, 'utf8')).toContain('elsewhere');
  });
});

embedded('a broker that is told to stop', () => {
  it.each([
    ['alone', program],
    ['with the script that started it', script],
  ])('stops cleanly however often its group is told, %s', async (_case, file) => {
    await start(file, 'ignore');
    const ended = exitCode();
    const again = setInterval(() => process.kill(-child.pid!, 'SIGTERM'), 1);
    expect(await ended.finally(() => clearInterval(again))).toBe(0);
  });

  it.each([
    ['its parent', program],
    ['the parent of its script', script],
  ])('stops cleanly when %s goes while it starts', async (_case, file) => {
    child = fork(file, args(), { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    child.disconnect();
    expect(await exitCode()).toBe(0);
  });
});
