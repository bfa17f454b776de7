import { Logger } from '@nestjs/common';
import kafkajs, { type Admin, type ITopicConfig, type Kafka } from 'kafkajs';
import { InternalTopicMisshapen } from '../transport.errors.js';

/** What a topic between modules is for; decides its partitions and retention. */
export type TopicPurpose = 'state' | 'messages' | 'replies' | 'dead-letters';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LARGEST_RECORD_BYTES = 2_097_152;

const configsOf: Readonly<Record<TopicPurpose, Readonly<Record<string, string>>>> = {
  state: { 'cleanup.policy': 'compact' },
  messages: { 'retention.ms': String(7 * DAY_MS) },
  // An answer may carry an event, in base64 too.
  replies: {
    'retention.ms': String(HOUR_MS),
    'max.message.bytes': String(LARGEST_RECORD_BYTES),
  },
  // Larger than what it came from, because it carries the error beside it.
  'dead-letters': {
    'retention.ms': String(90 * DAY_MS),
    'max.message.bytes': String(LARGEST_RECORD_BYTES),
  },
};

/** State, replies and dead letters are each read as one sequence. */
const partitionsOf: Readonly<Record<TopicPurpose, number>> = {
  state: 1,
  messages: 3,
  replies: 1,
  'dead-letters': 1,
};

const toTopicConfig = (topic: string, purpose: TopicPurpose): ITopicConfig => ({
  topic,
  numPartitions: partitionsOf[purpose],
  configEntries: Object.entries(configsOf[purpose]).map(([name, value]) => ({ name, value })),
});

/** Whoever created the topic, of several partitions all but the first would never be read. */
async function assertOnePartition(admin: Admin, topics: readonly string[]): Promise<void> {
  const { topics: found } = await admin.fetchTopicMetadata({ topics: [...topics] });
  const wrong = found.find(({ partitions }) => partitions.length !== 1);
  if (wrong === undefined) return;
  throw new InternalTopicMisshapen(
    `Kafka topic ${wrong.name} has ${wrong.partitions.length} partitions and must have one, because Millrace reads it as one sequence. Delete it, or set another MILLRACE_KAFKA_PREFIX.`,
  );
}

/** A state topic that Kafka cuts by age would lose the state of what does not change. */
async function assertCompacted(admin: Admin, topics: readonly string[]): Promise<void> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: topics.map((name) => ({
      // Node does not see this one among the named exports.
      type: kafkajs.ConfigResourceTypes.TOPIC,
      name,
      configNames: ['cleanup.policy'],
    })),
  });
  const wrong = resources.find(({ configEntries }) =>
    configEntries.some(
      ({ configName, configValue }) =>
        configName === 'cleanup.policy' && configValue !== configsOf.state['cleanup.policy'],
    ),
  );
  if (wrong === undefined) return;
  throw new InternalTopicMisshapen(
    `Kafka topic ${wrong.resourceName} must have cleanup.policy=compact. Change it, or set another MILLRACE_KAFKA_PREFIX.`,
  );
}

/**
 * Creates the installation's own topics when they are missing, with the broker's default
 * replication. A topic that exists is left as it is, but must be one that can be worked with.
 */
export class InternalTopics {
  private readonly logger = new Logger(InternalTopics.name);
  private readonly known = new Set<string>();
  private connected: Promise<Admin> | undefined;
  /** Modules ask at the same time, often for the same topics: one creates them, the next finds them. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly kafka: Kafka) {}

  /**
   * Returns when all of them exist; asks Kafka only about those not seen before.
   * @throws InternalTopicMisshapen
   */
  ensure(topics: ReadonlyMap<string, TopicPurpose>): Promise<void> {
    const ensured = this.turn.then(() => this.ensureInTurn(topics));
    this.turn = ensured.catch(() => undefined);
    return ensured;
  }

  private async ensureInTurn(topics: ReadonlyMap<string, TopicPurpose>): Promise<void> {
    const missing = [...topics].filter(([topic]) => !this.known.has(topic));
    if (missing.length === 0) return;
    const admin = await this.admin();
    // kafkajs logs a warning for each topic that it asks for in vain.
    const existing = new Set(await admin.listTopics());
    const absent = missing.filter(([topic]) => !existing.has(topic));
    if (absent.length > 0) {
      await admin.createTopics({
        topics: absent.map(([topic, purpose]) => toTopicConfig(topic, purpose)),
        waitForLeaders: true,
        timeout: 5_000,
      });
    }
    const present = missing.filter(([topic]) => existing.has(topic));
    await this.assertShapes(admin, new Map(present));
    for (const [topic] of missing) this.known.add(topic);
  }

  /** Makes a topic again that was deleted behind our back. Never rejects: who misses it asks again. */
  async remake(topic: string, purpose: TopicPurpose): Promise<void> {
    this.forget([topic]);
    try {
      await this.ensure(new Map([[topic, purpose]]));
    } catch (error) {
      this.logger.warn(`${topic} cannot be made again yet: ${String(error)}`);
    }
  }

  /** After a failed send: a topic may have been deleted behind our back. */
  forget(topics: Iterable<string>): void {
    for (const topic of topics) this.known.delete(topic);
  }

  async close(): Promise<void> {
    const admin = await this.connected?.catch(() => undefined);
    this.connected = undefined;
    await admin?.disconnect();
  }

  private async assertShapes(
    admin: Admin,
    present: ReadonlyMap<string, TopicPurpose>,
  ): Promise<void> {
    const withOne = [...present].filter(([, purpose]) => partitionsOf[purpose] === 1);
    const states = withOne.filter(([, purpose]) => purpose === 'state');
    const namesOf = (topics: typeof withOne) => topics.map(([topic]) => topic);
    if (withOne.length > 0) await assertOnePartition(admin, namesOf(withOne));
    if (states.length > 0) await assertCompacted(admin, namesOf(states));
  }

  private admin(): Promise<Admin> {
    this.connected ??= this.connect();
    return this.connected;
  }

  private async connect(): Promise<Admin> {
    const admin = this.kafka.admin();
    try {
      await admin.connect();
      return admin;
    } catch (error) {
      this.connected = undefined;
      throw error;
    }
  }
}
