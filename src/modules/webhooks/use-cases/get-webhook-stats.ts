import { Inject, Injectable } from '@nestjs/common';
import type { StoredProgress } from '../../../delivery/persistence/progress.store.js';
import { ProgressStore } from '../../../delivery/persistence/progress.store.js';
import type {
  DeliveryProgress,
  ExceptionCounts,
} from '../../../kafka/contracts/delivery-shapes.js';
import { EVENT_LOG, type EventLog } from '../../../kafka/log/event-log.js';
import { LogTopicGone } from '../../../kafka/log/log.errors.js';
import type { DeliveryLimits } from '../../../delivery/engine/delivery-engine.js';
import { DELIVERY_LIMITS } from '../delivery/webhook-delivery.js';
import { WebhookDirectory, type WebhookSubscription } from '../delivery/webhook-directory.js';

/** Progress of a webhook subscription. */
export interface WebhookStats {
  readonly partitions: readonly DeliveryProgress[];
  readonly exceptions: ExceptionCounts;
  readonly maxExceptions: number;
}

/** How far a webhook subscription has come, against what the log holds now. */
@Injectable()
export class GetWebhookStats {
  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(DELIVERY_LIMITS) private readonly limits: DeliveryLimits,
    private readonly directory: WebhookDirectory,
    private readonly progress: ProgressStore,
  ) {}

  /** @throws WebhookNotFound, LogUnavailable, DatabaseUnavailable */
  async execute(subscriptionUid: string): Promise<WebhookStats> {
    const subscription = await this.directory.require(subscriptionUid);
    const [stored, ends] = await Promise.all([
      this.progress.partitions(subscriptionUid, subscription.topic),
      this.ends(subscription.topic),
    ]);
    // Only then: counted earlier, rows that these floors rely on could be missing.
    const exceptions = await this.progress.exceptions(subscriptionUid);
    const known = new Map(stored.map((each) => [each.partition, each]));
    return {
      partitions: [...ends].map(([partition, endOffset]) =>
        progressOf(subscription, partition, endOffset, known.get(partition)),
      ),
      exceptions,
      maxExceptions: this.limits.maxExceptions,
    };
  }

  /** None for a topic that is gone. */
  private async ends(topic: string): Promise<ReadonlyMap<number, number>> {
    try {
      return await this.log.admin.offsets(topic, 'latest');
    } catch (error) {
      if (error instanceof LogTopicGone) return new Map();
      throw error;
    }
  }
}

function progressOf(
  subscription: WebhookSubscription,
  partition: number,
  endOffset: number,
  stored: StoredProgress | undefined,
): DeliveryProgress {
  // Offsets of the start belong to the topic as it was when the subscription was made.
  const { kafkaTopicId, start: starts } = subscription;
  const isFormer = stored !== undefined && stored.topicId !== kafkaTopicId;
  const start = isFormer ? 0 : (starts[partition] ?? 0);
  const floorOffset = stored?.behind?.fromOffset ?? Math.max(stored?.floor ?? 0, start);
  const lag = Math.max(0, endOffset - floorOffset);
  return { partition, floorOffset, endOffset, lag, behind: stored?.behind ?? null };
}
