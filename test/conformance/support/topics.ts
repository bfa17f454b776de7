import { eventually } from '../../support/eventually.js';
import { unique } from './names.js';
import { LIST_OFFSETS } from './offsets.js';
import type { RawClient } from './raw-client.js';

export const CREATE_TOPICS = 19;
export const DELETE_TOPICS = 20;

export interface NewTopic {
  readonly name?: string;
  readonly partitions?: number;
  readonly replicas?: number;
  readonly configs?: Readonly<Record<string, string | null>>;
  readonly validateOnly?: boolean;
}

export interface CreatedTopic {
  readonly name: string;
  readonly topicId: string;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly numPartitions: number;
  readonly configs: ReadonlyArray<{
    readonly name: string;
    readonly value: string | null;
    readonly configSource: number;
  }> | null;
}

/** Asks for a topic, and returns what the broker says. */
export async function tryCreateTopic(client: RawClient, topic: NewTopic): Promise<CreatedTopic> {
  const response = await client.request<{ topics: readonly CreatedTopic[] }>(CREATE_TOPICS, 7, {
    topics: [
      {
        name: topic.name ?? unique('topic'),
        numPartitions: topic.partitions ?? 1,
        replicationFactor: topic.replicas ?? 1,
        assignments: [],
        configs: Object.entries(topic.configs ?? {}).map(([name, value]) => ({ name, value })),
      },
    ],
    timeoutMs: 30_000,
    validateOnly: topic.validateOnly ?? false,
  });
  return response.topics[0]!;
}

interface PartitionMetadata {
  readonly errorCode: number;
  readonly leaderEpoch: number;
}

export interface TopicMetadata {
  readonly errorCode: number;
  readonly name: string | null;
  readonly topicId: string;
  readonly partitions: readonly PartitionMetadata[];
}

const METADATA = 3;

/** Metadata of one topic by name, never creating it. */
export async function metadataOf(client: RawClient, name: string): Promise<TopicMetadata> {
  const response = await client.request<{ topics: readonly TopicMetadata[] }>(METADATA, 12, {
    topics: [{ topicId: '0'.repeat(32), name }],
    allowAutoTopicCreation: false,
  });
  return response.topics[0]!;
}

const LATEST = -1;

/** Metadata may name leaders that do not know of it yet: whether each partition really answers. */
async function isServed(client: RawClient, name: string, partitions: number): Promise<boolean> {
  const metadata = await metadataOf(client, name);
  if (metadata.errorCode !== 0 || metadata.partitions.length !== partitions) return false;
  const { topics } = await client.request<{
    topics: ReadonlyArray<{ partitions: ReadonlyArray<{ errorCode: number }> }>;
  }>(LIST_OFFSETS, 5, {
    replicaId: -1,
    isolationLevel: 0,
    topics: [
      {
        name,
        partitions: metadata.partitions.map((_, partitionIndex) => ({
          partitionIndex,
          currentLeaderEpoch: -1,
          timestamp: LATEST,
        })),
      },
    ],
  });
  return topics[0]!.partitions.every(({ errorCode }) => errorCode === 0);
}

/** Creates a topic and waits until its partitions can be written and read. */
export async function createTopic(client: RawClient, topic: NewTopic = {}): Promise<string> {
  const created = await tryCreateTopic(client, topic);
  if (created.errorCode !== 0) throw new Error(`${created.errorCode} ${created.errorMessage}`);
  await eventually(
    () => isServed(client, created.name, topic.partitions ?? 1),
    (served) => served,
  );
  return created.name;
}

/** Deletes a topic; returns the error code. */
export async function deleteTopic(client: RawClient, name: string): Promise<number> {
  const response = await client.request<{ responses: ReadonlyArray<{ errorCode: number }> }>(
    DELETE_TOPICS,
    6,
    { topics: [{ name, topicId: '0'.repeat(32) }], timeoutMs: 30_000 },
  );
  return response.responses[0]!.errorCode;
}
