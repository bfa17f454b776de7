import { pauseBeforeAttempt } from '../cluster/retrying.js';
import { LogTopicGone, LogUnavailable, type LogError } from '../log.errors.js';
import type { ProduceResult } from '../protocol/produce.js';
import { BrokerLane, type LaneOwner } from './broker-lane.js';
import type { PartitionQueue } from './partition-queue.js';
import type { ProduceTransport, PublishLimits, PublishTopics } from './ports.js';
import { judge, type Verdict } from './verdict.js';

/** A topic that is missing this often in a row is gone; brokers learn of new ones late. */
const MISSING_TRIES = 3;

/**
 * Brings each partition's batches to its leader, one at a time, until they are stored, refused or
 * out of time. A batch that is out of time takes what waits behind it along: nothing overtakes it.
 */
export class Delivery implements LaneOwner {
  private readonly lanes = new Map<number, BrokerLane>();

  constructor(
    private readonly topics: PublishTopics,
    private readonly transport: ProduceTransport,
    private readonly limits: PublishLimits,
  ) {}

  /** Sees to a queue until it is empty; a queue that is seen to already needs nothing. */
  serve(queue: PartitionQueue): void {
    if (queue.held) return;
    queue.held = true;
    this.route(queue);
  }

  prepare(queue: PartitionQueue): boolean {
    if (this.finishedOrExpired(queue)) return false;
    if (!queue.sequence.ready) {
      this.pause(queue);
      return false;
    }
    if (queue.current === undefined) this.form(queue);
    return true;
  }

  conclude(queue: PartitionQueue, result: ProduceResult | undefined, reason?: unknown): void {
    if (result === undefined) {
      this.sendAgain(queue, true, reason);
      return;
    }
    const verdict = judge(result.errorCode, queue.topic, queue.perhapsStored);
    if (verdict.kind === 'again') this.sendAgain(queue, verdict.perhapsStored);
    else if (verdict.kind === 'renumber' || verdict.kind === 'new-producer') {
      this.renumber(queue, verdict.kind);
    } else {
      this.settle(queue, result.baseOffset, verdict);
      this.route(queue);
    }
  }

  private settle(queue: PartitionQueue, baseOffset: number, verdict: Verdict): void {
    if (verdict.kind === 'stored') queue.stored(baseOffset);
    else if (verdict.kind === 'unknown') this.giveUp(queue);
    else if (verdict.kind === 'denied') this.failAll(queue, verdict.error);
    else if (verdict.kind === 'refused') {
      if (queue.current?.records.length === 1) queue.fail(verdict.error);
      else if (queue.perhapsStored) this.giveUp(queue, verdict.error);
      else queue.split();
    }
  }

  private sendAgain(queue: PartitionQueue, perhapsStored: boolean, reason?: unknown): void {
    queue.perhapsStored ||= perhapsStored;
    queue.failures += 1;
    if (this.outOfTime(queue)) this.giveUp(queue, reason);
    this.pause(queue);
  }

  private renumber(queue: PartitionQueue, kind: 'renumber' | 'new-producer'): void {
    queue.failures += 1;
    if (kind === 'new-producer') queue.sequence.abandonId();
    else queue.sequence.raiseEpoch();
    queue.renumber(Date.now());
    this.pause(queue);
  }

  private form(queue: PartitionQueue): void {
    const topic = this.topics.cached(queue.topic);
    if (topic !== undefined && topic.id !== queue.topicId) {
      queue.topicId = topic.id;
      queue.sequence.raiseEpoch();
    }
    queue.form(topic?.maxBatchBytes ?? this.limits.maxRequestBytes, Date.now());
  }

  private route(queue: PartitionQueue): void {
    const leader = this.topics.cached(queue.topic)?.leaders[queue.partition] ?? -1;
    if (leader < 0) {
      this.pause(queue);
      return;
    }
    let lane = this.lanes.get(leader);
    if (lane === undefined) {
      lane = new BrokerLane(leader, this, this.transport, this.limits);
      this.lanes.set(leader, lane);
    }
    lane.add(queue);
  }

  private pause(queue: PartitionQueue): void {
    if (this.finishedOrExpired(queue)) return;
    setTimeout(() => void this.resume(queue), pauseBeforeAttempt(queue.failures));
  }

  /** Looks where the leader is now before the next try. */
  private async resume(queue: PartitionQueue): Promise<void> {
    try {
      const topic = await this.topics.load(queue.topic);
      if (topic === undefined && queue.failures >= MISSING_TRIES) {
        this.failAll(queue, new LogTopicGone(`Topic ${queue.topic} is not in Kafka.`));
      } else if (topic === undefined) queue.failures += 1;
      if (!queue.sequence.ready) {
        queue.sequence.adopt(await this.transport.newProducerId());
        queue.renumber(Date.now());
      }
    } catch (error) {
      queue.failures += 1;
      if (this.outOfTime(queue)) this.giveUp(queue, error);
    }
    this.route(queue);
  }

  private finishedOrExpired(queue: PartitionQueue): boolean {
    if (queue.current !== undefined && this.outOfTime(queue)) this.giveUp(queue);
    queue.expire(performance.now() - this.limits.deliveryTimeoutMs);
    if (queue.idle) queue.held = false;
    return queue.idle;
  }

  private outOfTime(queue: PartitionQueue): boolean {
    return (queue.oldest ?? Infinity) + this.limits.deliveryTimeoutMs <= performance.now();
  }

  private giveUp(queue: PartitionQueue, cause?: unknown): void {
    const options = { cause };
    queue.fail(
      new LogUnavailable(
        'Kafka did not acknowledge the record; it is perhaps stored.',
        {},
        options,
      ),
    );
    queue.failWaiting(
      new LogUnavailable('Kafka did not acknowledge an earlier record; not sent.', {}, options),
    );
  }

  private failAll(queue: PartitionQueue, error: LogError): void {
    queue.fail(error);
    queue.failWaiting(error);
  }
}
