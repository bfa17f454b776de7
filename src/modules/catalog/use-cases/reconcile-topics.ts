import { Injectable, Logger } from '@nestjs/common';

import { TopicStore } from '../persistence/topic.store.js';
import type { Topic } from '../domain/topic.js';
import { RefreshTopic } from './refresh-topic.js';
import { TopicIntents } from './topic-intents.js';

/** Finishes what a crash or an outage interrupted, and brings every topic up to date with Kafka. */
@Injectable()
export class ReconcileTopics {
  private readonly logger = new Logger('Catalog');

  constructor(
    private readonly topics: TopicStore,
    private readonly intents: TopicIntents,
    private readonly refreshTopic: RefreshTopic,
  ) {}

  /**
   * Goes on after a topic that cannot be judged; it is logged and met again next time.
   * @param isWanted asked before each topic; false ends the round early
   */
  async execute(isWanted: () => boolean = () => true): Promise<void> {
    for (const topic of await this.topics.unfinished()) {
      if (!isWanted()) return;
      await this.attempt(topic, () => this.intents.finish(topic));
    }
    for await (const topic of this.topics.all()) {
      if (!isWanted()) return;
      await this.attempt(topic, () => this.refreshTopic.execute(topic));
    }
  }

  private async attempt(topic: Topic, act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.logger.warn(`Topic ${topic.name} could not be compared with Kafka: ${why}`);
    }
  }
}
