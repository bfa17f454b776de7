import type { ProduceResult } from '../protocol/produce.js';
import type { PartitionQueue } from './partition-queue.js';
import type { ProduceTransport, PublishLimits } from './ports.js';

/** What a lane asks of the batcher that owns it. */
export interface LaneOwner {
  /** Makes the queue's batch ready to be sent; false when there is nothing to send. */
  prepare(queue: PartitionQueue): boolean;
  /** Takes Kafka's answer; undefined: none came, for `reason`. */
  conclude(queue: PartitionQueue, result: ProduceResult | undefined, reason?: unknown): void;
}

const SHORTEST_ATTEMPT_MS = 100;

const placeOf = ({ topic, partition }: { topic: string; partition: number }): string =>
  `${topic}/${partition}`;

/** Sends to one broker: one request under way, while the next collects. */
export class BrokerLane {
  private readonly ready = new Set<PartitionQueue>();
  private running = false;

  constructor(
    private readonly leader: number,
    private readonly owner: LaneOwner,
    private readonly transport: ProduceTransport,
    private readonly limits: PublishLimits,
  ) {}

  /** Sends the queue's records, with those that come in during the same turn of the event loop. */
  add(queue: PartitionQueue): void {
    this.ready.add(queue);
    if (this.running) return;
    this.running = true;
    setImmediate(() => void this.run());
  }

  private async run(): Promise<void> {
    while (this.ready.size > 0) await this.sendOnce();
    this.running = false;
  }

  private async sendOnce(): Promise<void> {
    const queues = this.collect();
    if (queues.length === 0) return;
    try {
      const results = await this.send(queues);
      const places = new Map(results.map((result) => [placeOf(result), result]));
      for (const queue of queues) this.owner.conclude(queue, places.get(placeOf(queue)));
    } catch (error) {
      for (const queue of queues) this.owner.conclude(queue, undefined, error);
    }
  }

  /** Takes queues in turn, up to the request's bound; the others wait for the next one. */
  private collect(): PartitionQueue[] {
    const queues: PartitionQueue[] = [];
    let bytes = 0;
    for (const queue of this.ready) {
      this.ready.delete(queue);
      if (!this.owner.prepare(queue)) continue;
      queues.push(queue);
      bytes += queue.current?.bytes.length ?? 0;
      if (bytes >= this.limits.maxRequestBytes) break;
    }
    return queues;
  }

  private async send(queues: readonly PartitionQueue[]): Promise<readonly ProduceResult[]> {
    const parts = queues.flatMap(({ topic, partition, current }) =>
      current === undefined ? [] : [{ topic, partition, batch: current.bytes }],
    );
    return this.transport.send(this.leader, parts, this.attemptTimeout(queues));
  }

  /** A try ends when the first of its batches runs out of time. */
  private attemptTimeout(queues: readonly PartitionQueue[]): number {
    const oldest = Math.min(...queues.map((queue) => queue.oldest ?? Infinity));
    const left = oldest + this.limits.deliveryTimeoutMs - performance.now();
    return Math.max(SHORTEST_ATTEMPT_MS, Math.min(this.limits.attemptTimeoutMs, left));
  }
}
