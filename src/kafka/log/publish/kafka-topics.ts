import type { Cluster } from '../cluster/cluster.js';
import type { TopicDirectory } from '../cluster/topic-directory.js';
import type { TopicDescription } from '../event-log.js';
import { describeConfigsApi } from '../protocol/describe-configs.js';
import type { PublishTopic, PublishTopics } from './ports.js';

/** Kafka's default max.message.bytes, and the most that a batch is filled to: more gains nothing. */
const DEFAULT_MAX_BATCH_BYTES = 1_048_588;
const LIMIT_FRESH_MS = 30_000;
const ASK_TIMEOUT_MS = 2_000;

interface KnownLimit {
  readonly maxBatchBytes: number;
  readonly at: number;
}

/** Topics as the batcher sees them: ids, leaders and the bound of a batch. */
export class KafkaTopics implements PublishTopics {
  private readonly views = new WeakMap<TopicDescription, PublishTopic>();
  private readonly limits = new Map<string, KnownLimit>();

  constructor(
    private readonly cluster: Cluster,
    private readonly directory: TopicDirectory,
  ) {}

  cached(name: string): PublishTopic | undefined {
    const topic = this.directory.cached(name);
    return topic === undefined ? undefined : this.viewOf(topic);
  }

  async load(name: string): Promise<PublishTopic | undefined> {
    const topic = await this.directory.refresh(name);
    if (topic === undefined) return undefined;
    if (!this.limits.has(name)) await this.learnLimit(topic);
    return this.viewOf(topic);
  }

  private viewOf(topic: TopicDescription): PublishTopic {
    let view = this.views.get(topic);
    if (view === undefined) {
      this.renewLimit(topic);
      view = {
        id: topic.id,
        leaders: topic.partitions.map(({ leader }) => leader),
        maxBatchBytes: this.limits.get(topic.name)?.maxBatchBytes ?? DEFAULT_MAX_BATCH_BYTES,
      };
      this.views.set(topic, view);
    }
    return view;
  }

  /** Asks again in the background; until the answer is there the old bound stands. */
  private renewLimit(topic: TopicDescription): void {
    const known = this.limits.get(topic.name);
    if (known === undefined || performance.now() - known.at < LIMIT_FRESH_MS) return;
    this.limits.set(topic.name, { ...known, at: performance.now() });
    this.learnLimit(topic).catch(() => this.limits.set(topic.name, known));
  }

  /** A broker that does not tell has its default assumed: larger batches are split when refused. */
  private async learnLimit(topic: TopicDescription): Promise<void> {
    const { configs } = await this.cluster.send(describeConfigsApi, topic.name, ASK_TIMEOUT_MS);
    const told = Number(configs['max.message.bytes'] ?? DEFAULT_MAX_BATCH_BYTES);
    const maxBatchBytes = Math.min(told, DEFAULT_MAX_BATCH_BYTES);
    this.limits.set(topic.name, { maxBatchBytes, at: performance.now() });
    this.views.delete(topic);
  }
}
