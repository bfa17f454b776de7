import {
  createPartitionsV1,
  createTopicsV7,
  deleteTopicsV6,
  incrementalAlterConfigsV1,
  type API,
} from '@platformatic/kafka';

import type { Cluster } from '../cluster/cluster.js';
import { retrying } from '../cluster/retrying.js';
import type { TopicDirectory } from '../cluster/topic-directory.js';
import type { EpochEnd, LogAdmin, OffsetAt, TopicDescription } from '../event-log.js';
import { LogUnavailable } from '../log.errors.js';
import { describeConfigsApi } from '../protocol/describe-configs.js';
import { LeaderEpochs } from './leader-epochs.js';
import { OffsetLookup } from './offset-lookup.js';
import { demandSuccess } from './refusal.js';

const REQUEST_TIMEOUT_MS = 5_000;
const RETRY_WITHIN_MS = 8_000;
/** Brokers learn of a change a moment after the controller; an answer waits for that. */
const SEEN_WITHIN_MS = 5_000;
const BROKER_DEFAULT = -1;
const TOPIC_RESOURCE = 2;
const SET_CONFIG = 0;

/** Topic administration over the driver's protocol calls. */
export class KafkaAdmin implements LogAdmin {
  private readonly lookup: OffsetLookup;
  private readonly epochs: LeaderEpochs;

  constructor(
    private readonly cluster: Cluster,
    private readonly directory: TopicDirectory,
  ) {
    this.lookup = new OffsetLookup(cluster, directory);
    this.epochs = new LeaderEpochs(cluster, directory);
  }

  async createTopic(options: {
    readonly name: string;
    readonly partitions?: number;
    readonly replicationFactor?: number;
    readonly configs?: Readonly<Record<string, string>>;
  }): Promise<TopicDescription> {
    const { name, partitions, replicationFactor, configs = {} } = options;
    const request = {
      name,
      numPartitions: partitions ?? BROKER_DEFAULT,
      replicationFactor: replicationFactor ?? BROKER_DEFAULT,
      assignments: [],
      configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
    };
    const answer = await this.ask(createTopicsV7.api, [request], REQUEST_TIMEOUT_MS, false);
    for (const { errorCode, errorMessage } of answer.topics) {
      demandSuccess(name, errorCode, errorMessage);
    }
    return this.seen(name, (topic) => topic?.partitions.every(({ leader }) => leader >= 0));
  }

  async deleteTopic(name: string): Promise<void> {
    const answer = await this.ask(deleteTopicsV6.api, [{ name }], REQUEST_TIMEOUT_MS);
    for (const { errorCode, errorMessage } of answer.responses) {
      demandSuccess(name, errorCode, errorMessage);
    }
    await this.gone(name);
  }

  async describeTopic(name: string): Promise<TopicDescription | undefined> {
    return retrying(() => this.describeOnce(name), RETRY_WITHIN_MS);
  }

  async listTopics(): Promise<readonly string[]> {
    const topics = await retrying(
      () => this.cluster.topics(null, REQUEST_TIMEOUT_MS),
      RETRY_WITHIN_MS,
    );
    return [...topics.keys()].sort();
  }

  async addPartitions(name: string, total: number): Promise<void> {
    // Null lets Kafka place the replicas; the driver's type forgets it, its writer does not.
    const assignments = null as unknown as [];
    const request = { name, count: total, assignments };
    const answer = await this.ask(createPartitionsV1.api, [request], REQUEST_TIMEOUT_MS, false);
    for (const { errorCode, errorMessage } of answer.results) {
      demandSuccess(name, errorCode, errorMessage);
    }
    await this.seen(name, (topic) => (topic?.partitions.length ?? 0) >= total);
  }

  async topicConfigs(name: string): Promise<Readonly<Record<string, string>>> {
    return retrying(async () => {
      const answer = await this.cluster.send(describeConfigsApi, name, REQUEST_TIMEOUT_MS);
      demandSuccess(name, answer.errorCode, answer.errorMessage);
      return answer.configs;
    }, RETRY_WITHIN_MS);
  }

  async setTopicConfigs(name: string, configs: Readonly<Record<string, string>>): Promise<void> {
    const request = {
      resourceType: TOPIC_RESOURCE,
      resourceName: name,
      configs: Object.entries(configs).map(([key, value]) => ({
        name: key,
        configOperation: SET_CONFIG,
        value,
      })),
    } as incrementalAlterConfigsV1.IncrementalAlterConfigsRequestResource;
    const answer = await this.ask(incrementalAlterConfigsV1.api, [request], false);
    for (const { errorCode, errorMessage } of answer.responses) {
      demandSuccess(name, errorCode, errorMessage);
    }
  }

  async offsets(topic: string, at: OffsetAt): Promise<ReadonlyMap<number, number>> {
    return retrying(() => this.lookup.offsets(topic, at), RETRY_WITHIN_MS);
  }

  async knownOffsets(
    topic: string,
    at: 'earliest' | 'latest',
    partitions: readonly number[],
  ): Promise<ReadonlyMap<number, number>> {
    return this.lookup.known(topic, at, partitions);
  }

  async epochEnd(
    topic: string,
    partition: number,
    leaderEpoch: number,
  ): Promise<EpochEnd | undefined> {
    return retrying(() => this.epochs.end(topic, partition, leaderEpoch), RETRY_WITHIN_MS);
  }

  private async describeOnce(name: string): Promise<TopicDescription | undefined> {
    this.directory.forget(name);
    return this.directory.refresh(name);
  }

  private async ask<Arguments extends unknown[], Answer>(
    api: API<Arguments, Answer>,
    ...args: Arguments
  ): Promise<Answer> {
    return this.cluster.ask<Answer>((connection, done) => {
      api(connection, ...args, done);
    }, REQUEST_TIMEOUT_MS);
  }

  private async seen(
    name: string,
    complete: (topic: TopicDescription | undefined) => boolean | undefined,
  ): Promise<TopicDescription> {
    return retrying(async () => {
      const topic = await this.describeOnce(name);
      if (topic === undefined || complete(topic) !== true) {
        throw new LogUnavailable(`Kafka's brokers have not taken up topic ${name} yet.`);
      }
      return topic;
    }, SEEN_WITHIN_MS);
  }

  private async gone(name: string): Promise<void> {
    await retrying(async () => {
      if ((await this.describeOnce(name)) !== undefined) {
        throw new LogUnavailable(`Kafka's brokers still show topic ${name}.`);
      }
    }, SEEN_WITHIN_MS);
  }
}
