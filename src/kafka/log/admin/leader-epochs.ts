import type { Cluster } from '../cluster/cluster.js';
import type { TopicDirectory } from '../cluster/topic-directory.js';
import type { EpochEnd, PartitionDescription } from '../event-log.js';
import { LogTopicGone, LogUnavailable } from '../log.errors.js';
import { kafkaErrorName, kafkaErrors } from '../protocol/error-codes.js';
import { leaderEpochEndsApi } from '../protocol/leader-epoch-ends.js';

const NONE = -1;
const TIMEOUT_MS = 5_000;

/** Asks partitions' leaders where epochs ended (OffsetForLeaderEpoch, KIP-101 and KIP-320). */
export class LeaderEpochs {
  constructor(
    private readonly cluster: Cluster,
    private readonly directory: TopicDirectory,
  ) {}

  /**
   * One try: the largest epoch <= `leaderEpoch` that the log has, and where it ended.
   * @throws LogTopicGone
   * @throws LogUnavailable also while the partition has no leader
   */
  async end(topic: string, partition: number, leaderEpoch: number): Promise<EpochEnd | undefined> {
    const { leader } = await this.locate(topic, partition);
    const told = await this.cluster
      .connection(leader, 'ask')
      .send(leaderEpochEndsApi, { topic, partition, leaderEpoch }, TIMEOUT_MS);
    const errorCode = told?.errorCode ?? kafkaErrors.UNKNOWN_SERVER_ERROR;
    if (told === undefined || errorCode !== kafkaErrors.NONE) {
      throw new LogUnavailable(
        `Kafka tells no epoch of ${topic}/${partition}: ${kafkaErrorName(errorCode)}.`,
      );
    }
    if (told.endOffset === NONE) return undefined;
    return { leaderEpoch: told.leaderEpoch, endOffset: told.endOffset };
  }

  private async locate(topic: string, partition: number): Promise<PartitionDescription> {
    const description = await this.directory.refresh(topic);
    const found = description?.partitions.find((one) => one.partition === partition);
    if (found === undefined) throw new LogTopicGone(`${topic}/${partition} is not in Kafka.`);
    return found;
  }
}
