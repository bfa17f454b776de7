import type { TopicDescription } from '../event-log.js';
import type { Cluster } from './cluster.js';

interface Known {
  readonly topic: TopicDescription;
  readonly at: number;
}

const ASK_TIMEOUT_MS = 2_000;
/** New partitions and a topic that was made again are seen after this time at the latest. */
const FRESH_MS = 3_000;

/** What Kafka said about the topics in use, and when. */
export class TopicDirectory {
  private readonly known = new Map<string, Known>();
  private readonly due = new Set<string>();
  private readonly asking = new Map<string, Promise<TopicDescription | undefined>>();

  constructor(private readonly cluster: Cluster) {}

  /**
   * The topic as last described, at once. A description that has aged is renewed in the
   * background; while Kafka does not answer the old one stands.
   */
  cached(name: string): TopicDescription | undefined {
    const known = this.known.get(name);
    if (known === undefined) return undefined;
    if (performance.now() - known.at > FRESH_MS) this.renew(name, known);
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

  /** Topics that are due in the same turn of the event loop share a request. */
  private renew(name: string, known: Known): void {
    this.known.set(name, { ...known, at: performance.now() });
    if (this.due.size === 0) setImmediate(() => void this.renewDue());
    this.due.add(name);
  }

  private async renewDue(): Promise<void> {
    const names = [...this.due];
    this.due.clear();
    try {
      const topics = await this.cluster.topics(names, ASK_TIMEOUT_MS);
      for (const name of names) this.keep(name, topics.get(name));
    } catch {
      // What was known stands; it is asked for again when it has aged again.
    }
  }

  private keep(name: string, topic: TopicDescription | undefined): void {
    if (topic === undefined) this.known.delete(name);
    else this.known.set(name, { topic, at: performance.now() });
  }

  private async ask(name: string): Promise<TopicDescription | undefined> {
    const topic = (await this.cluster.topics([name], ASK_TIMEOUT_MS)).get(name);
    this.keep(name, topic);
    return topic;
  }
}
