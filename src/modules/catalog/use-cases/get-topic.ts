import { Injectable } from '@nestjs/common';

import { requireTopic } from '../../../auth/permissions.js';
import type { Principal } from '../../../auth/principal.js';
import { LogUnavailable } from '../../../kafka/log/log.errors.js';
import { TopicNotFound } from '../domain/catalog.errors.js';
import type { Topic } from '../domain/topic.js';
import { TopicStore } from '../persistence/topic.store.js';
import { RefreshTopic } from './refresh-topic.js';

/** Reads a topic, as Kafka has it now where Kafka answers. */
@Injectable()
export class GetTopic {
  constructor(
    private readonly topics: TopicStore,
    private readonly refreshTopic: RefreshTopic,
  ) {}

  /** @throws TopicForbidden, TopicNotFound */
  async execute(principal: Principal, name: string): Promise<Topic> {
    const topic = await this.stored(principal, name);
    try {
      return await this.refreshTopic.execute(topic);
    } catch (error) {
      // What was known last is the better answer while Kafka is away.
      if (error instanceof LogUnavailable) return topic;
      throw error;
    }
  }

  /**
   * The topic as it was known last.
   * @throws TopicForbidden, TopicNotFound
   */
  async stored(principal: Principal, name: string): Promise<Topic> {
    requireTopic(principal, name);
    const topic = await this.topics.find(name);
    if (topic === undefined || topic.status !== 'active') throw new TopicNotFound(name);
    return topic;
  }
}
