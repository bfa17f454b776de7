import { eventually } from '../../support/eventually.js';
import { RawClient } from './raw-client.js';

export const GROUP_KEY = {
  OFFSET_COMMIT: 8,
  OFFSET_FETCH: 9,
  FIND_COORDINATOR: 10,
  JOIN_GROUP: 11,
  HEARTBEAT: 12,
  LEAVE_GROUP: 13,
  SYNC_GROUP: 14,
  DESCRIBE_GROUPS: 15,
  LIST_GROUPS: 16,
  DELETE_GROUPS: 42,
  OFFSET_DELETE: 47,
} as const;

export const GROUP_ERROR = {
  UNKNOWN_TOPIC_OR_PARTITION: 3,
  OFFSET_METADATA_TOO_LARGE: 12,
  ILLEGAL_GENERATION: 22,
  INCONSISTENT_GROUP_PROTOCOL: 23,
  INVALID_GROUP_ID: 24,
  UNKNOWN_MEMBER_ID: 25,
  INVALID_SESSION_TIMEOUT: 26,
  REBALANCE_IN_PROGRESS: 27,
  NON_EMPTY_GROUP: 68,
  GROUP_ID_NOT_FOUND: 69,
  MEMBER_ID_REQUIRED: 79,
  FENCED_INSTANCE_ID: 82,
  GROUP_SUBSCRIBED_TO_TOPIC: 86,
} as const;

/** What a JoinGroup is answered with. */
export interface Joined {
  readonly errorCode: number;
  readonly generationId: number;
  readonly leader: string;
  readonly memberId: string;
  readonly members: readonly unknown[];
}

/** Connections of one suite, closed after each test. */
export class GroupClients {
  private readonly clients: RawClient[] = [];

  constructor(private readonly broker: () => { readonly host: string; readonly port: number }) {}

  async open(): Promise<RawClient> {
    const client = await RawClient.open(this.broker());
    this.clients.push(client);
    return client;
  }

  /** A coordinator may still be loading where groups are kept in topics. */
  async openForGroup(groupId: string): Promise<RawClient> {
    const client = await this.open();
    await eventually(
      async () => {
        const found = await client.request<{ errorCode: number }>(GROUP_KEY.FIND_COORDINATOR, 2, {
          key: groupId,
          keyType: 0,
        });
        return found.errorCode;
      },
      (error) => error === 0,
    );
    return client;
  }

  closeAll(): void {
    for (const client of this.clients.splice(0)) client.close();
  }
}

/** Consumer protocol subscription, version 0, to these topics. */
export function subscription(...topics: string[]): Buffer {
  const names = topics.map((topic) => {
    const bytes = Buffer.alloc(2 + topic.length, 0);
    bytes.writeInt16BE(topic.length, 0);
    bytes.write(topic, 2);
    return bytes;
  });
  const head = Buffer.alloc(6);
  head.writeInt32BE(topics.length, 2);
  return Buffer.concat([head, ...names, Buffer.from('ffffffff', 'hex')]);
}

/** A JoinGroup request of a consumer. */
export function joinBody(
  groupId: string,
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    groupId,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 30_000,
    memberId: '',
    groupInstanceId: null,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: subscription('a-topic') }],
    ...more,
  };
}

/** Joins as clients of today do: once for an id, once with it. */
export async function join(
  client: RawClient,
  groupId: string,
  more: Record<string, unknown> = {},
): Promise<Joined> {
  const first = await client.request<Joined>(GROUP_KEY.JOIN_GROUP, 5, joinBody(groupId, more));
  if (first.errorCode !== GROUP_ERROR.MEMBER_ID_REQUIRED) return first;
  return client.request<Joined>(GROUP_KEY.JOIN_GROUP, 5, {
    ...joinBody(groupId, more),
    memberId: first.memberId,
  });
}

/** Brings or fetches assignments. */
export async function sync(
  client: RawClient,
  groupId: string,
  joined: Joined,
  assignments: Record<string, string> = {},
) {
  return client.request<{ errorCode: number; assignment: Buffer }>(GROUP_KEY.SYNC_GROUP, 3, {
    groupId,
    generationId: joined.generationId,
    memberId: joined.memberId,
    groupInstanceId: null,
    assignments: Object.entries(assignments).map(([memberId, text]) => ({
      memberId,
      assignment: Buffer.from(text),
    })),
  });
}

/** The error code of a heartbeat. */
export async function heartbeat(
  client: RawClient,
  groupId: string,
  joined: Joined,
  groupInstanceId: string | null = null,
): Promise<number> {
  const { errorCode } = await client.request<{ errorCode: number }>(GROUP_KEY.HEARTBEAT, 4, {
    groupId,
    generationId: joined.generationId,
    memberId: joined.memberId,
    groupInstanceId,
  });
  return errorCode;
}

/** Commits partition 0; the error code. */
export async function commit(
  client: RawClient,
  groupId: string,
  topic: string,
  offset: number,
  member: Partial<Joined> = {},
  metadata = '',
): Promise<number> {
  const { topics } = await client.request<{
    topics: ReadonlyArray<{ partitions: ReadonlyArray<{ errorCode: number }> }>;
  }>(GROUP_KEY.OFFSET_COMMIT, 7, {
    groupId,
    generationIdOrMemberEpoch: member.generationId ?? -1,
    memberId: member.memberId ?? '',
    groupInstanceId: null,
    topics: [
      {
        name: topic,
        partitions: [{ partitionIndex: 0, committedOffset: offset, committedMetadata: metadata }],
      },
    ],
  });
  return topics[0]!.partitions[0]!.errorCode;
}

/** The committed offset of partition 0; -1 without one. */
export async function committed(
  client: RawClient,
  groupId: string,
  topic: string,
): Promise<number> {
  const { topics } = await client.request<{
    topics: ReadonlyArray<{ partitions: ReadonlyArray<{ committedOffset: number }> }>;
  }>(GROUP_KEY.OFFSET_FETCH, 5, { groupId, topics: [{ name: topic, partitionIndexes: [0] }] });
  return topics[0]!.partitions[0]!.committedOffset;
}
