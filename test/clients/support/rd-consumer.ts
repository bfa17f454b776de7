import { unique } from '../../conformance/support/names.js';
import {
  bootstrap,
  done,
  librdkafka,
  TIMEOUT_MS,
  type NativeConsumer,
  type Place,
  type PlaceWithOffset,
  type RdConfig,
  type RdError,
  type RdMessage,
} from './librdkafka.js';

const ASSIGN = -175;
/** Refusals of a commit that met a rebalance: ILLEGAL_GENERATION and REBALANCE_IN_PROGRESS. */
const BETWEEN_GENERATIONS: readonly number[] = [22, 27];

/**
 * A consumer of librdkafka's. It hands partitions over in an orderly way: a change of the
 * assignment waits until what was read before it is committed.
 */
export class RdConsumer {
  readonly messages: RdMessage[] = [];
  private readonly changes: (() => void)[] = [];
  private readonly uncommitted = new Map<string, PlaceWithOffset>();
  private stopped = false;
  private loop: Promise<void> = Promise.resolve();

  private constructor(readonly native: NativeConsumer) {}

  static async open(config: RdConfig = {}): Promise<RdConsumer> {
    const { KafkaConsumer } = librdkafka();
    let consumer: RdConsumer | undefined;
    const native = new KafkaConsumer(
      {
        ...bootstrap(),
        'group.id': unique('group'),
        'enable.auto.commit': false,
        'fetch.wait.max.ms': 100,
        'heartbeat.interval.ms': 500,
        'session.timeout.ms': 10_000,
        rebalance_cb: (error: RdError, places: readonly Place[]) =>
          consumer!.changes.push(() => consumer!.change(error.code === ASSIGN, places)),
        ...config,
      },
      { 'auto.offset.reset': 'earliest' },
    );
    consumer = new RdConsumer(native);
    native.setDefaultConsumeTimeout(50);
    await done((cb) => native.connect({ timeout: TIMEOUT_MS }, cb));
    return consumer;
  }

  get values(): readonly string[] {
    return this.messages.map(({ value }) => String(value));
  }

  get assignment(): readonly string[] {
    return this.native.assignments().map(({ topic, partition }) => `${topic}-${partition}`);
  }

  /** Reads from now on; `commit` makes it commit all it has read. */
  start(options: { readonly commit?: boolean } = {}): this {
    this.loop = this.run(options.commit ?? false);
    return this;
  }

  subscribe(topic: string): this {
    this.native.subscribe([topic]);
    return this;
  }

  assign(...places: readonly (Place | PlaceWithOffset)[]): this {
    this.native.assign(places);
    return this;
  }

  /** Stops reading; stays a member. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.loop;
  }

  /** Stops reading, and leaves. */
  async close(): Promise<void> {
    await this.stop();
    // Leaving takes the partitions away, which nobody else would do then.
    const leaving = done((cb) => this.native.disconnect(cb));
    const timer = setInterval(() => this.applyChanges(), 10);
    await leaving.finally(() => clearInterval(timer));
  }

  private async run(commit: boolean): Promise<void> {
    while (!this.stopped) {
      const read = await done<readonly RdMessage[]>((cb) => this.native.consume(500, cb));
      this.messages.push(...read);
      if (!commit || this.commitAll(read)) this.applyChanges();
    }
  }

  /** Commits what was read now, and what could not be committed before. False: ask again. */
  private commitAll(read: readonly RdMessage[]): boolean {
    for (const next of nextOffsets(read)) {
      this.uncommitted.set(`${next.topic}-${next.partition}`, next);
    }
    if (this.uncommitted.size === 0) return true;
    try {
      this.native.commitSync([...this.uncommitted.values()]);
    } catch (error) {
      if (!BETWEEN_GENERATIONS.includes((error as RdError).code)) throw error;
      return false;
    }
    this.uncommitted.clear();
    return true;
  }

  private applyChanges(): void {
    for (const change of this.changes.splice(0)) change();
  }

  private change(gained: boolean, places: readonly Place[]): void {
    const { native } = this;
    if (native.rebalanceProtocol() === 'COOPERATIVE') {
      if (gained) native.incrementalAssign(places);
      else native.incrementalUnassign(places);
    } else if (gained) native.assign(places);
    else native.unassign();
  }
}

/** Where to go on after these messages. */
export function nextOffsets(messages: readonly RdMessage[]): readonly PlaceWithOffset[] {
  const next = new Map<string, PlaceWithOffset>();
  for (const { topic, partition, offset } of messages) {
    next.set(`${topic}-${partition}`, { topic, partition, offset: offset + 1 });
  }
  return [...next.values()];
}
