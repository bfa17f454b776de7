import { framesHere, JavaError, type Thrown } from './java-error.js';

/** Tells one client something; resolves to what it answers. */
export type JavaCall = (verb: string, args: object) => Promise<unknown>;

/** One client; its verbs are in java/. Rejects with a JavaError if it threw. */
export class JavaClient {
  constructor(private readonly remote: JavaCall) {}

  call<R = void>(verb: string, args: object = {}): Promise<R> {
    return this.remote(verb, args) as Promise<R>;
  }

  /** The type of the exception that a call ends in; rejects if there is none. */
  async refusal(verb: string, args: object = {}): Promise<string> {
    const result = await this.call<unknown>(verb, args).catch((error: unknown) => error);
    if (result instanceof JavaError) return result.type;
    throw new Error(`${verb} was not refused: ${String(result)}`);
  }
}

/** A record to send; `headers` as pairs. */
export interface JavaRecord {
  readonly topic: string;
  readonly partition?: number;
  readonly timestamp?: number;
  readonly key?: string | null;
  readonly value?: string | null;
  readonly headers?: ReadonlyArray<readonly [string, string | null]>;
}

/** What became of a record: where it lies, or why it was refused. */
export interface Written {
  readonly partition?: number;
  readonly offset?: number;
  readonly timestamp?: number;
  readonly error?: Thrown;
}

/** A producer of strings. */
export class JavaProducer extends JavaClient {
  /** Sends all, then waits for all. */
  send(...records: readonly JavaRecord[]): Promise<readonly Written[]> {
    return this.call('send', { records });
  }

  /** Sends the values to a topic; rejects if one was refused. */
  async sendValues(topic: string, ...values: readonly string[]): Promise<void> {
    const written = await this.send(...values.map((value) => ({ topic, value })));
    const refused = written.find(({ error }) => error)?.error;
    if (refused) throw new JavaError(refused, framesHere());
  }

  close(): Promise<void> {
    return this.call('close');
  }
}

export interface ReadRecord extends Required<JavaRecord> {
  readonly offset: number;
  readonly timestampType: string;
}

export type RebalanceEvent = readonly ['assigned' | 'revoked' | 'lost', readonly string[]];

interface ConsumerState {
  readonly records: readonly ReadRecord[];
  readonly events: readonly RebalanceEvent[];
  readonly assignment: readonly string[];
  readonly failure: Thrown | null;
}

/** A consumer of strings; keeps all that it has told so far. */
export class JavaConsumer extends JavaClient {
  readonly records: ReadRecord[] = [];
  readonly events: RebalanceEvent[] = [];
  assignment: readonly string[] = [];
  /** What ended its polling. */
  failure: Thrown | null = null;

  get values(): readonly (string | null)[] {
    return this.records.map(({ value }) => value);
  }

  /** Subscribes, and polls from now on. */
  async read(topics: readonly string[], options: { commitAll?: boolean } = {}): Promise<this> {
    await this.call('subscribe', { topics });
    await this.call('start', options);
    return this;
  }

  /** Whether it has read so many records, or was ended by a failure. */
  async hasRead(count: number): Promise<boolean> {
    await this.look();
    return this.records.length >= count || this.failure !== null;
  }

  /** Asks for what is new. */
  async look(): Promise<this> {
    this.remember(await this.call<ConsumerState>('state'));
    return this;
  }

  /** Leaves; remembers what was read until then. */
  async close(): Promise<void> {
    this.remember(await this.call<ConsumerState>('close'));
  }

  private remember(state: ConsumerState): void {
    this.records.push(...state.records);
    this.events.push(...state.events);
    this.assignment = state.assignment;
    this.failure = state.failure;
  }
}
