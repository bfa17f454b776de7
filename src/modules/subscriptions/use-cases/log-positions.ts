import { Inject, Injectable } from '@nestjs/common';

import type { PartitionOffsets } from '../../../kafka/contracts/subscriptions.contracts.js';
import { EVENT_LOG, type EventLog, type OffsetAt } from '../../../kafka/log/event-log.js';
import { LogTopicGone } from '../../../kafka/log/log.errors.js';
import { explicitStart, type LogBounds, type StartPosition } from '../domain/start-position.js';
import { SubscriptionTopicUnknown } from '../domain/subscription.errors.js';

/** A start as concrete offsets of one incarnation of a topic. */
export interface FixedStart {
  readonly kafkaTopicId: string;
  readonly offsets: PartitionOffsets;
}

/**
 * Asks Kafka where a topic stands. All answers are of Kafka itself, not of a cache: events that
 * are acknowledged after a subscription's 201 must lie behind its start.
 */
@Injectable()
export class LogPositions {
  constructor(@Inject(EVENT_LOG) private readonly log: EventLog) {}

  /**
   * @throws SubscriptionTopicUnknown when Kafka has no such topic
   * @throws StartInvalid for offsets that the topic cannot have
   * @throws LogUnavailable
   */
  async fixStart(topic: string, start: StartPosition): Promise<FixedStart> {
    const described = await this.log.admin.describeTopic(topic);
    if (described === undefined) throw new SubscriptionTopicUnknown(topic);
    return { kafkaTopicId: described.id, offsets: await this.concrete(topic, start) };
  }

  /**
   * The end of each partition, which a changed filter applies from.
   * @throws SubscriptionTopicUnknown
   * @throws LogUnavailable
   */
  async ends(topic: string): Promise<PartitionOffsets> {
    return Object.fromEntries(await this.offsets(topic, 'latest'));
  }

  private async concrete(topic: string, start: StartPosition): Promise<PartitionOffsets> {
    if (typeof start === 'string') return Object.fromEntries(await this.offsets(topic, start));
    if ('time' in start) {
      const at = { timestamp: Date.parse(start.time) };
      return Object.fromEntries(await this.offsets(topic, at));
    }
    return explicitStart(start.offsets, await this.bounds(topic));
  }

  private async bounds(topic: string): Promise<ReadonlyMap<number, LogBounds>> {
    const [starts, ends] = await Promise.all([
      this.offsets(topic, 'earliest'),
      this.offsets(topic, 'latest'),
    ]);
    return new Map(
      [...ends].map(([partition, end]) => [partition, { start: starts.get(partition) ?? 0, end }]),
    );
  }

  private async offsets(topic: string, at: OffsetAt): Promise<ReadonlyMap<number, number>> {
    try {
      return await this.log.admin.offsets(topic, at);
    } catch (error) {
      throw error instanceof LogTopicGone ? new SubscriptionTopicUnknown(topic) : error;
    }
  }
}
