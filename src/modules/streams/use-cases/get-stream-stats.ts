import { Inject, Injectable } from '@nestjs/common';

import type { StreamPartitionStats } from '../../../kafka/contracts/streams.contracts.js';
import type { SubscriptionState } from '../../../kafka/contracts/subscriptions.contracts.js';
import { EVENT_LOG, type EventLog } from '../../../kafka/log/event-log.js';
import { PositionStore, type PartitionProgress } from '../persistence/position.store.js';
import { StreamDirectory } from '../reading/stream-directory.js';
import { TopicWatch } from '../reading/topic-watch.js';

/** Progress of a stream subscription. */
export interface StreamStats {
  readonly readers: number;
  readonly partitions: readonly StreamPartitionStats[];
}

/** How far a stream subscription has come, against what the log holds now. */
@Injectable()
export class GetStreamStats {
  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    private readonly directory: StreamDirectory,
    private readonly topics: TopicWatch,
    private readonly positions: PositionStore,
  ) {}

  /** @throws StreamNotFound, LogUnavailable, DatabaseUnavailable */
  async execute(subscriptionUid: string): Promise<StreamStats> {
    const subscription = await this.directory.requireUid(subscriptionUid);
    const { readers, partitions } = await this.positions.progress(subscriptionUid);
    const topic = await this.topics.describe(subscription.topic);
    if (topic === undefined) return { readers, partitions: [] };
    const known = new Map(partitions.map((progress) => [progress.partition, progress]));
    const [starts, ends] = await Promise.all([
      this.log.admin.offsets(subscription.topic, 'earliest'),
      this.log.admin.offsets(subscription.topic, 'latest'),
    ]);
    return {
      readers,
      partitions: [...ends].map(([partition, endOffset]) => {
        const startOffset = starts.get(partition) ?? 0;
        const progress = known.get(partition);
        const committedOffset = committed(subscription, topic.id, partition, progress);
        const lag = Math.max(0, endOffset - Math.max(committedOffset, startOffset));
        const leased = progress?.leased ?? false;
        return { partition, committedOffset, startOffset, endOffset, lag, leased };
      }),
    };
  }
}

/** A topic that was made again is read anew from 0. */
function committed(
  subscription: SubscriptionState,
  topicId: string,
  partition: number,
  progress: PartitionProgress | undefined,
): number {
  const position = progress?.position ?? {
    topicId: subscription.kafkaTopicId,
    offset: subscription.start[partition] ?? 0,
  };
  return position.topicId === topicId ? position.offset : 0;
}
