import { listOffsetsV7 } from '@platformatic/kafka';

import type { Cluster } from '../cluster/cluster.js';
import type { TopicDirectory } from '../cluster/topic-directory.js';
import type { OffsetAt, PartitionDescription, TopicDescription } from '../event-log.js';
import { LogTopicGone, LogUnavailable } from '../log.errors.js';
import { kafkaErrorName, kafkaErrors } from '../protocol/error-codes.js';

const LATEST = -1n;
const EARLIEST = -2n;
const NOT_A_REPLICA = -1;
const READ_COMMITTED = 1;
const NOTHING_AT_OR_AFTER = -1n;
const TIMEOUT_MS = 5_000;

const kafkaTime = (at: OffsetAt): bigint => {
  if (at === 'latest') return LATEST;
  if (at === 'earliest') return EARLIEST;
  return BigInt(Math.max(0, Math.floor(at.timestamp)));
};

const byLeader = (partitions: readonly PartitionDescription[]): Map<number, number[]> => {
  const leaders = new Map<number, number[]>();
  for (const { partition, leader } of partitions) {
    leaders.set(leader, [...(leaders.get(leader) ?? []), partition]);
  }
  return leaders;
};

/** What a leader answers of one of its partitions. */
interface ToldOffset {
  readonly partition: number;
  readonly errorCode: number;
  readonly offset: number;
}

/** Finds offsets by time, from each partition's leader. */
export class OffsetLookup {
  constructor(
    private readonly cluster: Cluster,
    private readonly directory: TopicDirectory,
  ) {}

  /**
   * One try: an offset per partition. The end is the last stable offset.
   * @throws LogTopicGone
   * @throws LogUnavailable also while a partition has no leader
   */
  async offsets(topic: string, at: OffsetAt): Promise<ReadonlyMap<number, number>> {
    const description = await this.directory.refresh(topic);
    if (description === undefined) throw new LogTopicGone(`Topic ${topic} is not in Kafka.`);
    const found = await this.ask(description, description.partitions, kafkaTime(at));
    const after = description.partitions.filter(
      ({ partition }) => found.get(partition) === Number(NOTHING_AT_OR_AFTER),
    );
    const ends = await this.ask(description, after, LATEST);
    return new Map([...found, ...ends].sort(([a], [b]) => a - b));
  }

  /**
   * One try: offsets of those of the partitions whose leaders tell theirs.
   * @throws LogTopicGone
   * @throws LogUnavailable when nothing is told of the topic
   */
  async known(
    topic: string,
    at: 'earliest' | 'latest',
    wanted: readonly number[],
  ): Promise<ReadonlyMap<number, number>> {
    const description = await this.directory.refresh(topic);
    if (description === undefined) throw new LogTopicGone(`Topic ${topic} is not in Kafka.`);
    const partitions = description.partitions.filter(({ partition }) => wanted.includes(partition));
    const answers = await Promise.all(
      [...byLeader(partitions)].map(([leader, numbers]) =>
        this.askLeader(topic, leader, numbers, kafkaTime(at)).catch((error: unknown) => {
          if (error instanceof LogUnavailable) return [];
          throw error;
        }),
      ),
    );
    const told = answers.flat().filter(({ errorCode }) => errorCode === kafkaErrors.NONE);
    return new Map(told.map(({ partition, offset }) => [partition, offset]));
  }

  private async ask(
    topic: TopicDescription,
    partitions: readonly PartitionDescription[],
    timestamp: bigint,
  ): Promise<Map<number, number>> {
    const answers = await Promise.all(
      [...byLeader(partitions)].map(([leader, numbers]) =>
        this.askLeader(topic.name, leader, numbers, timestamp),
      ),
    );
    for (const { partition, errorCode } of answers.flat()) {
      if (errorCode === kafkaErrors.NONE) continue;
      throw new LogUnavailable(
        `Kafka gives no offset of ${topic.name}/${partition}: ${kafkaErrorName(errorCode)}.`,
      );
    }
    return new Map(answers.flat().map(({ partition, offset }) => [partition, offset]));
  }

  private async askLeader(
    name: string,
    leader: number,
    numbers: readonly number[],
    timestamp: bigint,
  ): Promise<readonly ToldOffset[]> {
    const partitions = numbers.map((partitionIndex) => ({
      partitionIndex,
      currentLeaderEpoch: -1,
      timestamp,
    }));
    const answer = await this.cluster
      .connection(leader, 'ask')
      .call<listOffsetsV7.ListOffsetsResponse>((connection, done) => {
        listOffsetsV7.api(connection, NOT_A_REPLICA, READ_COMMITTED, [{ name, partitions }], done);
      }, TIMEOUT_MS);
    return answer.topics.flatMap((topic) =>
      topic.partitions.map(({ partitionIndex, errorCode, offset }) => ({
        partition: partitionIndex,
        errorCode,
        offset: Number(offset),
      })),
    );
  }
}
