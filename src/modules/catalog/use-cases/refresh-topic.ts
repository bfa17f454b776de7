import { Injectable } from '@nestjs/common';

import { topicsState } from '../../../kafka/contracts/catalog.contracts.js';
import { InjectUnitOfWork } from '../../../kafka/transport/outbox/inject-unit-of-work.decorator.js';
import { UnitOfWork } from '../../../kafka/transport/outbox/unit-of-work.js';
import { differs, topicStateOf, withFacts, type Topic } from '../domain/topic.js';
import { TopicStore } from '../persistence/topic.store.js';
import { KafkaTopics } from './kafka-topics.js';

/** Brings a topic's row up to date with Kafka, where others may change, delete and make topics. */
@Injectable()
export class RefreshTopic {
  constructor(
    private readonly topics: TopicStore,
    private readonly kafka: KafkaTopics,
    @InjectUnitOfWork('catalog') private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * @returns the topic as it is now
   * @throws LogUnavailable
   */
  async execute(topic: Topic): Promise<Topic> {
    const seen = withFacts(topic, await this.kafka.facts(topic.name));
    return differs(topic, seen) ? this.store(topic) : topic;
  }

  /** Asks Kafka once more under the row's lock: a change in progress would look like a stranger's. */
  private store(topic: Topic): Promise<Topic> {
    return this.unitOfWork.run(async ({ manager, publishState }) => {
      const locked = await this.topics.lock(manager, topic.uid);
      if (locked === undefined || locked.status !== 'active') return topic;
      const seen = withFacts(locked, await this.kafka.facts(locked.name));
      if (!differs(locked, seen)) return locked;
      const stored = { ...seen, version: locked.version + 1 };
      await this.topics.update(manager, stored);
      publishState(topicsState, stored.uid, stored.version, topicStateOf(stored));
      return stored;
    });
  }
}
