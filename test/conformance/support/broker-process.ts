import { fork, type ChildProcess } from 'node:child_process';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '../../..');
/** Of this Jest worker alone: others may compile while a broker of its starts. */
const OUTPUT = join(ROOT, 'node_modules/.cache/broker-dist', process.env['JEST_WORKER_ID'] ?? '0');

let built: Promise<string> | undefined;

/** Compiles the broker alone; Node 20 cannot run TypeScript itself. Returns its main file. */
export function builtBroker(): Promise<string> {
  built ??= build();
  return built;
}

async function build(): Promise<string> {
  const swc = join(ROOT, 'node_modules/@swc/cli/bin/swc.js');
  const args = [swc, 'src/kafka/broker', '-d', OUTPUT, '--strip-leading-paths'];
  await mkdir(OUTPUT, { recursive: true });
  await promisify(execFile)(process.execPath, args, { cwd: ROOT });
  await writeFile(join(OUTPUT, 'package.json'), '{"type":"module"}\n');
  return join(OUTPUT, 'kafka/broker/main.js');
}

/** A broker in a process of its own. */
export interface BrokerProcess {
  readonly port: number;
  readonly address: string;
  readonly child: ChildProcess;
  /** kill -9, and waits until the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves to the exit code. */
  terminate(): Promise<number | null>;
}

/** Starts a broker process on a data directory. Rejects with its last words if it gives up. */
export async function startBrokerProcess(
  dataDir: string,
  more: readonly string[] = [],
): Promise<BrokerProcess> {
  const args = ['--port', '0', '--data-dir', dataDir, ...more];
  const child = fork(await builtBroker(), args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let words = '';
  child.stderr!.on('data', (text: Buffer) => (words += text.toString()));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { port: number }).port));
    void exited.then((code) => reject(new Error(`exit code ${code}: ${words}`)));
  });
  const end = (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    return exited;
  };
  return {
    port,
    address: `127.0.0.1:${port}`,
    child,
    kill: async () => {
      await end('SIGKILL');
    },
    terminate: () => end('SIGTERM'),
  };
}
