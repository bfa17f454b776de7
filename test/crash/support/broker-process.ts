import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const program = join(import.meta.dirname, '../../../dist/kafka/broker/main.js');

/** How a server goes away: its port refuses and open connections break, or it falls silent. */
export type Outage = 'refuses' | 'is silent';

/** The embedded broker as a Kafka that can go away and come back on its port. */
export class BrokerProcess {
  private child: ChildProcess | undefined;
  private port = 0;

  private constructor(
    private readonly directory: string,
    private readonly more: readonly string[],
  ) {}

  /** @param more of the command line, over what every start has */
  static async start(...more: readonly string[]): Promise<BrokerProcess> {
    const directory = await mkdtemp(join(tmpdir(), 'millrace-crash-broker-'));
    const broker = new BrokerProcess(directory, more);
    await broker.run();
    return broker;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Killed, or stopped in the middle of whatever it does: it still accepts, but never answers. */
  async goAway(how: Outage): Promise<void> {
    if (how === 'refuses') await this.end('SIGKILL');
    else this.child!.kill('SIGSTOP');
  }

  /** Started again on what it had stored, or let go on where it was stopped. */
  async comeBack(how: Outage): Promise<void> {
    if (how === 'refuses') await this.run();
    else this.child!.kill('SIGCONT');
  }

  /** Ends it for good. */
  async remove(): Promise<void> {
    await this.end('SIGKILL');
    await rm(this.directory, { recursive: true, force: true });
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.child!;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => {
      child.once('exit', resolve);
    });
    child.kill(signal);
    await ended;
  }

  private async run(): Promise<void> {
    const args = ['--port', String(this.port), '--data-dir', this.directory, '--fsync', 'always'];
    const child = fork(program, [...args, ...this.more], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.child = child;
    this.port = await new Promise<number>((resolve, reject) => {
      child.once('message', (message) => resolve((message as { port: number }).port));
      child.once('exit', (code) => reject(new Error(`the broker ended with ${code}`)));
    });
  }
}
