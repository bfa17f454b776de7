import type { Cluster, Purpose } from '../cluster/cluster.js';
import type { TopicDirectory } from '../cluster/topic-directory.js';
import type { TopicDescription } from '../event-log.js';
import { LogTopicGone, LogUnavailable } from '../log.errors.js';
import { kafkaErrorName, kafkaErrors } from '../protocol/error-codes.js';
import {
  fetchById,
  fetchByName,
  type FetchPart,
  type FetchRequest,
  type FetchResult,
} from '../protocol/fetch.js';

/** The partition of one incarnation of a topic. */
export interface PartitionAddress {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
}

/** Where a partition is led now. */
export interface Leader {
  readonly broker: number;
  readonly leaderEpoch: number;
}

const OLDEST_FETCH_BY_ID = 13;
const VERSION_TIMEOUT_MS = 3_000;
/** Time for an answer beyond what the broker was told to wait. */
const ANSWER_TIMEOUT_MS = 5_000;

/** Sends fetch requests, and knows where partitions are led. */
export class Fetcher {
  constructor(
    private readonly cluster: Cluster,
    private readonly directory: TopicDirectory,
  ) {}

  /** The topic's id now; undefined when there is no such topic. @throws LogUnavailable */
  async topicId(topic: string): Promise<string | undefined> {
    return (this.directory.peek(topic) ?? (await this.directory.refresh(topic)))?.id;
  }

  /** Asks Kafka again. @throws LogTopicGone @throws LogUnavailable */
  async relocate(address: PartitionAddress): Promise<Leader> {
    return this.leaderIn(await this.directory.refresh(address.topic), address);
  }

  /** As last heard. @throws LogTopicGone @throws LogUnavailable */
  async locate(address: PartitionAddress): Promise<Leader> {
    const known = this.directory.peek(address.topic);
    return known === undefined ? this.relocate(address) : this.leaderIn(known, address);
  }

  /**
   * One fetch; an answer for each part that the broker names.
   * @throws LogUnavailable
   */
  async fetch(
    broker: number,
    purpose: Purpose,
    request: FetchRequest,
  ): Promise<(part: FetchPart) => FetchResult | undefined> {
    const byId =
      (await this.cluster.fetchVersion(broker, VERSION_TIMEOUT_MS)) >= OLDEST_FETCH_BY_ID;
    const connection = this.cluster.connection(broker, purpose);
    const timeoutMs = request.maxWaitMs + ANSWER_TIMEOUT_MS;
    const api = byId ? fetchById : fetchByName;
    const { errorCode, results } = await connection.send(api, request, timeoutMs);
    if (errorCode !== kafkaErrors.NONE) {
      throw new LogUnavailable(`Kafka refuses to be read: ${kafkaErrorName(errorCode)}.`);
    }
    const places = new Map(
      results.map((result) => [`${result.topic}/${result.partition}`, result]),
    );
    return ({ topic, topicId, partition }) => places.get(`${byId ? topicId : topic}/${partition}`);
  }

  private leaderIn(topic: TopicDescription | undefined, address: PartitionAddress): Leader {
    if (topic === undefined || topic.id !== address.topicId) {
      throw new LogTopicGone(`Topic ${address.topic} was deleted or made again.`);
    }
    const partition = topic.partitions[address.partition];
    if (partition === undefined || partition.leader < 0) {
      throw new LogUnavailable(`${address.topic}/${address.partition} has no leader now.`);
    }
    return { broker: partition.leader, leaderEpoch: partition.leaderEpoch };
  }
}
