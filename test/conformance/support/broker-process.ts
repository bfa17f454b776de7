import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

const program = join(import.meta.dirname, '../../../dist/kafka/broker/main.js');

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

/**
 * Starts a broker process on a data directory. Needs a build (dist/). Rejects with its last words
 * if it gives up.
 */
export async function startBrokerProcess(
  dataDir: string,
  more: readonly string[] = [],
): Promise<BrokerProcess> {
  const args = ['--port', '0', '--data-dir', dataDir, ...more];
  const child = fork(program, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
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
