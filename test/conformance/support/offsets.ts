import type { RawClient } from './raw-client.js';

export const LIST_OFFSETS = 2;

export interface OffsetAnswer {
  readonly errorCode: number;
  readonly offset: number;
  readonly timestamp: number;
}

/** How the offset is asked for. */
export interface OffsetQuestion {
  /** Unix ms, or one of Kafka's negative numbers for an end of the log. */
  readonly timestamp: number;
  readonly currentLeaderEpoch?: number;
  readonly version?: number;
  /** 1: READ_COMMITTED. */
  readonly isolationLevel?: number;
}

/** The answer of ListOffsets for partition 0. */
export async function offsetAt(
  client: RawClient,
  topic: string,
  { timestamp, currentLeaderEpoch = -1, version = 7, isolationLevel = 0 }: OffsetQuestion,
): Promise<OffsetAnswer> {
  const { topics } = await client.request<{
    topics: ReadonlyArray<{ partitions: readonly OffsetAnswer[] }>;
  }>(LIST_OFFSETS, version, {
    replicaId: -1,
    isolationLevel,
    topics: [{ name: topic, partitions: [{ partitionIndex: 0, timestamp, currentLeaderEpoch }] }],
    timeoutMs: 30_000,
  });
  return topics[0]!.partitions[0]!;
}
