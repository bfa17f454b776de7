import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { brokerAddress } from './broker.js';
import { type JavaCall, JavaClient, JavaConsumer, JavaProducer } from './java-clients.js';
import { madeReady } from './made-ready.js';
import { framesHere, JavaError, type Thrown } from './java-error.js';

/** Configurations of a Java client; values become text. */
export type JavaConfig = Readonly<Record<string, string | number | boolean>>;

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: Thrown;
}

interface Waiting {
  readonly calledFrom: string;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Short-lived: the optimising compiler would cost more than it brings. Numbers are in English. */
export const FLAGS: readonly string[] = [
  '-XX:TieredStopAtLevel=1',
  '-XX:+UseSerialGC',
  '-Xmx512m',
  '-Duser.language=en',
  '-Duser.country=US',
];
const QUIET = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error';

/** A JVM with any number of Java clients, told what to do line by line (java/Remote.java). */
export class Java {
  private readonly waiting = new Map<number, Waiting>();
  private commands = 0;
  private clients = 0;
  private words = '';
  private readonly ended: Promise<void>;

  private constructor(private readonly child: ChildProcessWithoutNullStreams) {
    createInterface({ input: child.stdout }).on('line', (line) => this.take(line));
    child.stderr.on('data', (text: Buffer) => (this.words += text.toString()));
    this.ended = new Promise((resolve) => {
      child.once('close', () => {
        const error = new Error(`the JVM ended: ${this.words}`);
        for (const { reject } of this.waiting.values()) reject(error);
        resolve();
      });
    });
  }

  /** @param env what the JVM is told of its platform, over what this process knows */
  static start(env: Readonly<Record<string, string>> = {}): Java {
    const args = [...FLAGS, QUIET, '-cp', madeReady('MILLRACE_CLIENTS_CLASSPATH'), 'Remote'];
    return new Java(spawn('java', args, { env: { ...process.env, ...env } }));
  }

  /** Ends the JVM; clients that were not closed vanish as in a crash. */
  async stop(): Promise<void> {
    this.child.stdin.end();
    await this.ended;
  }

  producer(config: JavaConfig = {}): Promise<JavaProducer> {
    const named = { 'bootstrap.servers': brokerAddress(), ...config };
    return this.open('producer', named, JavaProducer);
  }

  consumer(config: JavaConfig = {}): Promise<JavaConsumer> {
    const named = {
      'bootstrap.servers': brokerAddress(),
      'group.protocol': 'classic',
      'enable.auto.commit': false,
      'auto.offset.reset': 'earliest',
      'heartbeat.interval.ms': 500,
      'fetch.max.wait.ms': 100,
      ...config,
    };
    return this.open('consumer', named, JavaConsumer);
  }

  admin(config: JavaConfig = {}): Promise<JavaClient> {
    return this.open('admin', { 'bootstrap.servers': brokerAddress(), ...config }, JavaClient);
  }

  /** The command-line tools; one runs at a time. */
  tools(): Promise<JavaClient> {
    return this.open('tools', {}, JavaClient);
  }

  private async open<C extends JavaClient>(
    kind: string,
    config: JavaConfig,
    Kind: new (call: JavaCall) => C,
  ): Promise<C> {
    const client = `${kind}-${++this.clients}`;
    const call: JavaCall = (verb, args) => this.call(client, verb, args);
    await call('open', { kind, config });
    return new Kind(call);
  }

  private call(client: string, verb: string, args: object): Promise<unknown> {
    const id = ++this.commands;
    const answer = new Promise((resolve, reject) =>
      this.waiting.set(id, { resolve, reject, calledFrom: framesHere() }),
    );
    this.child.stdin.write(`${JSON.stringify({ id, client, verb, args })}\n`);
    return answer;
  }

  private take(line: string): void {
    const { id, result, error } = JSON.parse(line) as Answer;
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (error) waiting?.reject(new JavaError(error, waiting.calledFrom));
    else waiting?.resolve(result);
  }
}
