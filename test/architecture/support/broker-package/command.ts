import type { ChildProcess, StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

import type { UserProject } from './user-project.js';

type Exit = [code: number | null, signal: NodeJS.Signals | null];

/** `millrace-broker` as a user runs it: a process that somebody else started. */
export class Command {
  private constructor(
    readonly child: ChildProcess,
    readonly port: number,
    readonly exited: Promise<Exit>,
  ) {}

  /**
   * Waits for the line that it prints. Rejects when it ends instead.
   * @param stdio with a pipe for the output
   * @param meanwhile done to the process at once
   */
  static async start(
    user: UserProject,
    stdio: StdioOptions,
    meanwhile: (child: ChildProcess) => void = () => undefined,
  ): Promise<Command> {
    const args = ['--port', '0', '--data-dir', await user.newDirectory()];
    const child = user.start('millrace-broker', args, stdio);
    const exited = once(child, 'exit') as Promise<Exit>;
    const line = once(child.stdout!, 'data') as Promise<[Buffer]>;
    meanwhile(child);
    const printed = await Promise.race([line, exited]);
    if (printed.length === 2) throw new Error(`millrace-broker ended with ${printed[0]}`);
    const { port } = JSON.parse(printed[0].toString()) as { readonly port: number };
    return new Command(child, port, exited);
  }
}

/** Whether nobody listens on this port of the loopback interface. */
export async function canListen(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
