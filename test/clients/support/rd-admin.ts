import { unique } from '../../conformance/support/names.js';
import { bootstrap, done, librdkafka, TIMEOUT_MS } from './librdkafka.js';

/** The Admin client of librdkafka. */
export class RdAdmin {
  private readonly native = librdkafka().AdminClient.create(bootstrap());

  /** Creates a topic of the caller's own. */
  async newTopic(partitions = 1, config: Readonly<Record<string, string>> = {}): Promise<string> {
    const topic = unique('topic');
    const wanted = { topic, num_partitions: partitions, replication_factor: 1, config };
    await done((cb) => this.native.createTopic(wanted, TIMEOUT_MS, cb));
    return topic;
  }

  create(topic: object): Promise<void> {
    return done((cb) => this.native.createTopic(topic, TIMEOUT_MS, cb));
  }

  delete(topic: string): Promise<void> {
    return done((cb) => this.native.deleteTopic(topic, TIMEOUT_MS, cb));
  }

  extend(topic: string, partitions: number): Promise<void> {
    return done((cb) => this.native.createPartitions(topic, partitions, TIMEOUT_MS, cb));
  }

  close(): void {
    this.native.disconnect();
  }
}
