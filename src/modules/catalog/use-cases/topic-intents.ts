import { Injectable } from '@nestjs/common';

import {
  schemasState,
  topicDeleted,
  topicsState,
} from '../../../kafka/contracts/catalog.contracts.js';
import { LogRequestInvalid } from '../../../kafka/log/log.errors.js';
import { InjectUnitOfWork } from '../../../kafka/transport/outbox/inject-unit-of-work.decorator.js';
import type { UnitOfWorkTransaction } from '../../../kafka/transport/outbox/transaction.js';
import { UnitOfWork } from '../../../kafka/transport/outbox/unit-of-work.js';
import { isAsIntended } from '../domain/topic-change.js';
import { topicStateOf, withFacts, type Topic } from '../domain/topic.js';
import { SchemaStore } from '../persistence/schema.store.js';
import { TopicStore } from '../persistence/topic.store.js';
import { KafkaTopics } from './kafka-topics.js';

/**
 * Finishes what was begun. Making and deleting a topic changes Postgres and Kafka, which share no
 * transaction: so the intent is a committed row first, Kafka is changed next, and a second
 * transaction, which holds the row's lock while it asks Kafka, ends it. Every step may be repeated,
 * by whoever meets the row: the next request for the name, or the start after a crash.
 */
@Injectable()
export class TopicIntents {
  constructor(
    private readonly topics: TopicStore,
    private readonly schemas: SchemaStore,
    private readonly kafka: KafkaTopics,
    @InjectUnitOfWork('catalog') private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * Ends an intent.
   * @returns the active topic, or undefined when it is gone (or Kafka refused for good to make it)
   */
  async finish(topic: Topic): Promise<Topic | undefined> {
    if (topic.status === 'active') return topic;
    try {
      return await this.finishLocked(topic.uid);
    } catch (error) {
      if (error instanceof LogRequestInvalid) await this.undo(topic.uid);
      throw error;
    }
  }

  /** Marks a topic for deletion: from here on it is gone for everybody. */
  async beginDeleting(tx: UnitOfWorkTransaction, topic: Topic): Promise<void> {
    const deleting: Topic = { ...topic, status: 'deleting', version: topic.version + 1 };
    await this.topics.update(tx.manager, deleting);
    await this.withdraw(tx, deleting);
  }

  /** Removes a topic's row, and tells everybody. */
  async forget(tx: UnitOfWorkTransaction, topic: Topic, dataDeleted: boolean): Promise<void> {
    const { uid, name } = topic;
    await this.topics.remove(tx.manager, uid);
    tx.publishEvent(topicDeleted, uid, { uid, name, dataDeleted });
  }

  /** Takes a topic and its schemas out of every process's tables. */
  async withdraw(tx: UnitOfWorkTransaction, topic: Topic): Promise<void> {
    for (const subject of await this.schemas.ofTopic(tx.manager, topic.uid))
      tx.publishState(schemasState, subject.uid, subject.version + 1, null);
    await this.schemas.removeOfTopic(tx.manager, topic.uid);
    tx.publishState(topicsState, topic.uid, topic.version, null);
  }

  private finishLocked(uid: string): Promise<Topic | undefined> {
    return this.unitOfWork.run(async (tx) => {
      const topic = await this.topics.lock(tx.manager, uid);
      switch (topic?.status) {
        case 'creating':
          return this.finishCreating(tx, topic);
        case 'deleting':
          await this.kafka.remove(topic.name, topic.kafkaTopicId ?? '');
          await this.forget(tx, topic, true);
          return undefined;
        default:
          return topic;
      }
    });
  }

  private async finishCreating(tx: UnitOfWorkTransaction, topic: Topic): Promise<Topic> {
    await this.kafka.make(topic);
    const facts = await this.kafka.factsOfExisting(topic.name);
    const active: Topic = {
      ...withFacts(topic, facts),
      status: 'active',
      managed: isAsIntended(topic, facts),
    };
    await this.topics.update(tx.manager, active);
    tx.publishState(topicsState, active.uid, active.version, topicStateOf(active));
    return active;
  }

  /** Kafka will never make this topic, so the intent is taken back; nobody has seen it. */
  private undo(uid: string): Promise<void> {
    return this.unitOfWork.run(async ({ manager }) => {
      const topic = await this.topics.lock(manager, uid);
      if (topic?.status === 'creating') await this.topics.remove(manager, uid);
    });
  }
}
