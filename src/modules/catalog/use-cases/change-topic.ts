import { Injectable } from '@nestjs/common';

import { requireIfMatch } from '../../../common/etag.js';
import { topicsState, type TopicInput } from '../../../kafka/contracts/catalog.contracts.js';
import { InjectUnitOfWork } from '../../../kafka/transport/outbox/inject-unit-of-work.decorator.js';
import { UnitOfWork } from '../../../kafka/transport/outbox/unit-of-work.js';
import { TopicBusy, TopicMissingInKafka } from '../domain/catalog.errors.js';
import { planKafkaChange, requireSameInKafka } from '../domain/topic-change.js';
import { differs, topicStateOf, withFacts, type KafkaFacts, type Topic } from '../domain/topic.js';
import { TopicStore } from '../persistence/topic.store.js';
import { KafkaTopics } from './kafka-topics.js';

/**
 * Changes an active topic: Kafka first, then the row, under the row's lock. After a crash in
 * between Kafka is ahead, and the next look at the topic brings the row up to date.
 */
@Injectable()
export class ChangeTopic {
  constructor(
    private readonly topics: TopicStore,
    private readonly kafka: KafkaTopics,
    @InjectUnitOfWork('catalog') private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * @throws PreconditionFailed, TopicNotManaged, TopicMissingInKafka, PartitionsCannotShrink,
   *   ReorderNotAllowed, ReplicationFixed
   * @throws TopicBusy when it was deleted meanwhile
   */
  async execute(uid: string, input: TopicInput, ifMatch: string | undefined): Promise<Topic> {
    return this.unitOfWork.run(async ({ manager, publishState }) => {
      const topic = await this.topics.lock(manager, uid);
      if (topic === undefined || topic.status !== 'active') throw new TopicBusy(topic?.name ?? uid);
      requireIfMatch(ifMatch, topic);
      const wanted: Topic = {
        ...topic,
        enforceSchemas: input.enforceSchemas ?? topic.enforceSchemas,
        maxEventBytes: input.maxEventBytes ?? topic.maxEventBytes,
      };
      const changed = withFacts(wanted, await this.changeInKafka(wanted, input));
      if (!differs(topic, changed)) return topic;
      const stored = { ...changed, version: topic.version + 1 };
      await this.topics.update(manager, stored);
      publishState(topicsState, uid, stored.version, topicStateOf(stored));
      return stored;
    });
  }

  private async changeInKafka(topic: Topic, input: TopicInput): Promise<KafkaFacts> {
    const { name } = topic;
    const facts = (await this.kafka.facts(name)) ?? (await this.makeAgain(topic));
    if (!topic.managed) {
      requireSameInKafka(name, input, facts);
      return facts;
    }
    const change = planKafkaChange(name, input, facts, topic.maxEventBytes);
    if (change.partitions === undefined && Object.keys(change.configs).length === 0) return facts;
    await this.kafka.change(name, change);
    return this.kafka.factsOfExisting(name);
  }

  /** A managed topic that was deleted in Kafka is made again by the next PUT. */
  private async makeAgain(topic: Topic): Promise<KafkaFacts> {
    if (!topic.managed)
      throw new TopicMissingInKafka(
        `"${topic.name}" was deleted in Kafka. Delete it here to make a new one.`,
        { topic: topic.name },
      );
    await this.kafka.make(topic);
    return this.kafka.factsOfExisting(topic.name);
  }
}
