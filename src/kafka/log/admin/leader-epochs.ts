import { offsetForLeaderEpochV4 } from '@platformatic/kafka';

import type { Cluster } from '../cluster/cluster.js';
import type { TopicDirectory } from '../cluster/topic-directory.js';
import type { EpochEnd, PartitionDescription } from '../event-log.js';
import { LogTopicGone, LogUnavailable } from '../log.errors.js';
import { kafkaErrorName, kafkaErrors } from '../protocol/error-codes.js';

const NOT_A_REPLICA = -1;
/** Leaves the leader unchecked: whoever leads now tells what its log has. */
const ANY_EPOCH = -1;
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
    const asked = { partitionIndex: partition, currentLeaderEpoch: ANY_EPOCH, leaderEpoch };
    const answer = await this.cluster
      .connection(leader, 'ask')
      .call<offsetForLeaderEpochV4.OffsetForLeaderEpochResponse>((connection, done) => {
        const topics = [{ name: topic, partitions: [asked] }];
        offsetForLeaderEpochV4.api(connection, NOT_A_REPLICA, topics, done);
      }, TIMEOUT_MS);
    const told = answer.topics[0]?.partitions[0];
    const errorCode = told?.errorCode ?? kafkaErrors.UNKNOWN_SERVER_ERROR;
    if (told === undefined || errorCode !== kafkaErrors.NONE) {
      throw new LogUnavailable(
        `Kafka tells no epoch of ${topic}/${partition}: ${kafkaErrorName(errorCode)}.`,
      );
    }
    const endOffset = Number(told.endOffset);
    if (endOffset === NONE) return undefined;
    return { leaderEpoch: told.leaderEpoch, endOffset };
  }

  private async locate(topic: string, partition: number): Promise<PartitionDescription> {
    const description = await this.directory.refresh(topic);
    const found = description?.partitions.find((one) => one.partition === partition);
    if (found === undefined) throw new LogTopicGone(`${topic}/${partition} is not in Kafka.`);
    return found;
  }
}
