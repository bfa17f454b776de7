import { Inject, Injectable } from '@nestjs/common';

import { EVENT_LOG, type EventLog, type LogAdmin } from '../../../kafka/log/event-log.js';
import { LogTopicExists, LogTopicGone, LogUnavailable } from '../../../kafka/log/log.errors.js';
import { configsOfNew, type KafkaChange } from '../domain/topic-change.js';
import type { KafkaFacts, Topic } from '../domain/topic.js';

const retention = (milliseconds: number): number =>
  milliseconds < 0 ? -1 : Math.floor(milliseconds / 1000);

/** Topics as Kafka has them, in the catalog's words. */
@Injectable()
export class KafkaTopics {
  private readonly admin: LogAdmin;

  constructor(@Inject(EVENT_LOG) log: EventLog) {
    this.admin = log.admin;
  }

  /** What Kafka says of a topic now; undefined: it has none of that name. */
  async facts(name: string): Promise<KafkaFacts | undefined> {
    const topic = await this.admin.describeTopic(name);
    if (topic === undefined) return undefined;
    const configs = await this.configs(name);
    if (configs === undefined) return undefined;
    return {
      kafkaTopicId: topic.id,
      partitions: topic.partitions.length,
      replicationFactor: topic.partitions[0]?.replicas.length ?? 1,
      retentionSeconds: retention(Number(configs['retention.ms'] ?? -1)),
      retentionBytes: Number(configs['retention.bytes'] ?? -1),
      maxMessageBytes: Number(configs['max.message.bytes'] ?? Infinity),
    };
  }

  /** @throws LogUnavailable when Kafka does not show the topic that it has just taken */
  async factsOfExisting(name: string): Promise<KafkaFacts> {
    const facts = await this.facts(name);
    if (facts === undefined) throw new LogUnavailable(`Kafka does not show topic "${name}" yet.`);
    return facts;
  }

  /** Makes a topic; one that is there already stays as it is. */
  async make(topic: Topic): Promise<void> {
    const { name, partitions, replicationFactor } = topic;
    try {
      await this.admin.createTopic({
        name,
        partitions,
        ...(replicationFactor === null ? {} : { replicationFactor }),
        configs: configsOfNew(topic),
      });
    } catch (error) {
      if (!(error instanceof LogTopicExists)) throw error;
    }
  }

  /** Partitions last: a change that fails before them can be repeated as a whole. */
  async change(name: string, { configs, partitions }: KafkaChange): Promise<void> {
    if (Object.keys(configs).length > 0) await this.admin.setTopicConfigs(name, configs);
    if (partitions !== undefined) await this.admin.addPartitions(name, partitions);
  }

  /** Deletes a topic if it still is the incarnation that is meant. */
  async remove(name: string, kafkaTopicId: string): Promise<void> {
    const topic = await this.admin.describeTopic(name);
    if (topic?.id !== kafkaTopicId) return;
    try {
      await this.admin.deleteTopic(name);
    } catch (error) {
      if (!(error instanceof LogTopicGone)) throw error;
    }
  }

  private async configs(name: string): Promise<Readonly<Record<string, string>> | undefined> {
    try {
      return await this.admin.topicConfigs(name);
    } catch (error) {
      if (error instanceof LogTopicGone) return undefined;
      throw error;
    }
  }
}
