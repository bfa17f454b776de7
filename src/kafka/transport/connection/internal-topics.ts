import type { Admin, ITopicConfig, Kafka } from 'kafkajs';

/** What a topic between modules is for; decides its partitions and retention. */
export type TopicPurpose = 'state' | 'messages' | 'replies' | 'dead-letters';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LARGEST_RECORD_BYTES = 2_097_152;

const configsOf: Readonly<Record<TopicPurpose, Readonly<Record<string, string>>>> = {
  state: { 'cleanup.policy': 'compact' },
  messages: { 'retention.ms': String(7 * DAY_MS) },
  replies: { 'retention.ms': String(HOUR_MS) },
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

/**
 * Creates the installation's own topics when they are missing, with the broker's default
 * replication. A topic that exists is left as it is.
 */
export class InternalTopics {
  private readonly known = new Set<string>();
  private connected: Promise<Admin> | undefined;

  constructor(private readonly kafka: Kafka) {}

  /** Returns when all of them exist; asks Kafka only about those not seen before. */
  async ensure(topics: ReadonlyMap<string, TopicPurpose>): Promise<void> {
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
    for (const [topic] of missing) this.known.add(topic);
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
