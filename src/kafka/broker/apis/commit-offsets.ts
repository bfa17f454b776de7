import type { Broker } from '../broker.js';
import type { NewOffset } from '../groups/committed-offsets.js';
import { ErrorCode } from '../protocol/error-codes.js';

/** What OffsetCommit and TxnOffsetCommit ask for in one topic. */
export interface TopicToCommit {
  readonly name: string;
  readonly partitions: ReadonlyArray<{
    readonly partitionIndex: number;
    readonly committedOffset: number;
    readonly committedLeaderEpoch: number;
    readonly committedMetadata: string | null;
  }>;
}

/** Kafka's offset.metadata.max.bytes. */
const MAX_METADATA_BYTES = 4096;

/**
 * Has the offsets stored that can be, all in one step, and answers for each partition.
 * @param refusal why nothing is stored; NONE: it is
 * @param store gives the error code of all
 */
export async function commitOffsets(
  broker: Broker,
  topics: readonly TopicToCommit[],
  refusal: number,
  store: (offsets: readonly NewOffset[]) => Promise<number>,
) {
  const checked = topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map((partition) => ({
      ...partition,
      errorCode:
        refusal ||
        partitionError(broker, name, partition.partitionIndex, partition.committedMetadata),
    })),
  }));
  const committedAt = Date.now();
  const accepted = checked.flatMap(({ name, partitions }) =>
    partitions
      .filter(({ errorCode }) => errorCode === ErrorCode.NONE)
      .map((p) => ({
        topic: name,
        partition: p.partitionIndex,
        offset: p.committedOffset,
        leaderEpoch: p.committedLeaderEpoch,
        metadata: p.committedMetadata ?? '',
        committedAt,
        topicId: broker.topics.get(name)!.id,
      })),
  );
  // Of a partition that is named several times the last one counts.
  const byPlace = new Map(accepted.map((one) => [`${one.topic}/${one.partition}`, one]));
  const failure = refusal || (await store([...byPlace.values()]));
  return checked.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex, errorCode }) => ({
      partitionIndex,
      errorCode: errorCode || failure,
    })),
  }));
}

function partitionError(
  broker: Broker,
  topic: string,
  partition: number,
  metadata: string | null,
): number {
  if (!broker.topics.get(topic)?.partitions[partition]) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  return (metadata?.length ?? 0) > MAX_METADATA_BYTES
    ? ErrorCode.OFFSET_METADATA_TOO_LARGE
    : ErrorCode.NONE;
}
