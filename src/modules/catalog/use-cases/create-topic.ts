import { Inject, Injectable } from '@nestjs/common';

import { CLOCK, type Clock } from '../../../common/clock.js';
import { newUid } from '../../../common/ids.js';
import { topicsState, type TopicInput } from '../../../kafka/contracts/catalog.contracts.js';
import { InjectUnitOfWork } from '../../../kafka/transport/outbox/inject-unit-of-work.decorator.js';
import { UnitOfWork } from '../../../kafka/transport/outbox/unit-of-work.js';
import { newTopicSettings, requireSameInKafka } from '../domain/topic-change.js';
import { topicStateOf, withFacts, type KafkaFacts, type Topic } from '../domain/topic.js';
import { TopicStore } from '../persistence/topic.store.js';
import { KafkaTopics } from './kafka-topics.js';
import { TopicIntents } from './topic-intents.js';

/** Makes a topic, or adopts one that Kafka has already. */
@Injectable()
export class CreateTopic {
  constructor(
    private readonly topics: TopicStore,
    private readonly intents: TopicIntents,
    private readonly kafka: KafkaTopics,
    @InjectUnitOfWork('catalog') private readonly unitOfWork: UnitOfWork,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * @throws TopicBusy when another request makes it at the same time
   * @throws TopicNotManaged when the request asks for other settings than Kafka's topic has
   */
  async execute(name: string, input: TopicInput): Promise<Topic> {
    const facts = await this.kafka.facts(name);
    return facts === undefined ? this.make(name, input) : this.adopt(name, input, facts);
  }

  private async make(name: string, input: TopicInput): Promise<Topic> {
    const intent = this.newTopic(name, input);
    await this.unitOfWork.run(({ manager }) => this.topics.insert(manager, intent));
    return (await this.intents.finish(intent)) ?? this.make(name, input);
  }

  private async adopt(name: string, input: TopicInput, facts: KafkaFacts): Promise<Topic> {
    requireSameInKafka(name, input, facts);
    const topic: Topic = {
      ...withFacts(this.newTopic(name, input), facts),
      status: 'active',
      managed: false,
    };
    return this.unitOfWork.run(async ({ manager, publishState }) => {
      await this.topics.insert(manager, topic);
      publishState(topicsState, topic.uid, topic.version, topicStateOf(topic));
      return topic;
    });
  }

  private newTopic(name: string, input: TopicInput): Topic {
    return {
      ...newTopicSettings(input),
      uid: newUid(),
      name,
      status: 'creating',
      managed: true,
      kafkaTopicId: null,
      missing: false,
      version: 1,
      createdAt: this.clock.now(),
    };
  }
}
