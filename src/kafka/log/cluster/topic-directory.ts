import type { TopicDescription } from '../event-log.js';
import type { Cluster } from './cluster.js';

interface Known {
  readonly topic: TopicDescription;
  readonly at: number;
}

const ASK_TIMEOUT_MS = 3_000;
/** New partitions and a topic that was made again are seen after this time at the latest. */
const FRESH_MS = 3_000;

/** What Kafka said about the topics in use, and when. */
export class TopicDirectory {
  private readonly known = new Map<string, Known>();
  private readonly asking = new Map<string, Promise<TopicDescription | undefined>>();

  constructor(private readonly cluster: Cluster) {}

  /**
   * The topic as last described, at once. A description that has aged is renewed in the
   * background; while Kafka does not answer the old one stands.
   */
  cached(name: string): TopicDescription | undefined {
    const known = this.known.get(name);
    if (known === undefined) return undefined;
    if (performance.now() - known.at > FRESH_MS && !this.asking.has(name)) {
      this.refresh(name).catch(() => this.known.set(name, { ...known, at: performance.now() }));
    }
    return known.topic;
  }

  /** The topic as last described, however old. */
  peek(name: string): TopicDescription | undefined {
    return this.known.get(name)?.topic;
  }

  /**
   * Asks Kafka; those who ask at the same time share the answer.
   * @throws LogUnavailable
   */
  async refresh(name: string): Promise<TopicDescription | undefined> {
    const asked = this.asking.get(name);
    if (asked !== undefined) return asked;
    const asking = this.ask(name).finally(() => this.asking.delete(name));
    this.asking.set(name, asking);
    return asking;
  }

  /** Forgets a topic, so that the next use asks Kafka. */
  forget(name: string): void {
    this.known.delete(name);
  }

  private async ask(name: string): Promise<TopicDescription | undefined> {
    const topic = (await this.cluster.topics([name], ASK_TIMEOUT_MS)).get(name);
    if (topic === undefined) this.known.delete(name);
    else this.known.set(name, { topic, at: performance.now() });
    return topic;
  }
}
