/*
 * OffsetCommit: stores a group's positions, durably before it answers. Anyone may commit for a group
 * without members; otherwise only a member of the present generation.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import type { Broker } from '../broker.js';
import { errorCodeOf } from './error-code-of.js';
import { array, int16, int32, int64, string } from '../protocol/types.js';

const request = {
  groupId: string(),
  generationIdOrMemberEpoch: int32().or(-1),
  memberId: string(),
  groupInstanceId: string('7+').nullable('7+'),
  retentionTimeMs: int64('2-4').or(-1),
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
      committedOffset: int64(),
      committedLeaderEpoch: int32('6+').or(-1),
      committedMetadata: string().nullable(),
    }),
  }),
};

const response = {
  throttleTimeMs: int32('3+').or(0),
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16(),
    }),
  }),
};

export const offsetCommit = api({
  key: 8,
  name: 'OffsetCommit',
  versions: '2-9',
  flexibleFrom: 8,
  request,
  response,
  async handle(input, { broker }) {
    const refusal = broker.groups.commitError(input.groupId, {
      memberId: input.memberId,
      instanceId: input.groupInstanceId,
      generation: input.generationIdOrMemberEpoch,
    });
    const checked = input.topics.map(({ name, partitions }) => ({
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
        })),
    );
    const failure =
      refusal === ErrorCode.NONE ? await store(broker, input.groupId, accepted) : refusal;
    return {
      topics: checked.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, errorCode }) => ({
          partitionIndex,
          errorCode: errorCode || failure,
        })),
      })),
    };
  },
});

/** Kafka's offset.metadata.max.bytes. */
const MAX_METADATA_BYTES = 4096;

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

async function store(
  broker: Broker,
  groupId: string,
  offsets: Parameters<Broker['groups']['commit']>[1],
): Promise<number> {
  try {
    await broker.groups.commit(groupId, offsets);
    return ErrorCode.NONE;
  } catch (error) {
    return errorCodeOf(error);
  }
}
