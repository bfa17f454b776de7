import type { Cluster } from '../cluster/cluster.js';
import { LogError } from '../log.errors.js';
import { assign, type PartitionCounts } from './assign.js';
import type { MemberAssignment, MemberMetadata } from './coordinator.js';
import { decodeSubscription, encodeAssignment } from './member-metadata.js';
import { pause } from './waiting.js';

const ASK_TIMEOUT_MS = 5_000;

/** Topics that somebody subscribes to, with what was known of them when they were shared out. */
interface Shared {
  readonly topics: readonly string[];
  readonly counts: PartitionCounts;
}

/** The part of one member per generation: sharing out, and seeing when that is out of date. */
export class GroupLeader {
  private shared: Shared | undefined;
  private watch: AbortController | undefined;

  /** @param outdated told when topics or partitions came or went since they were shared out */
  constructor(
    private readonly cluster: Pick<Cluster, 'topics'>,
    private readonly outdated: () => void,
    private readonly lookEveryMs: number,
  ) {}

  /**
   * Everybody's assignment, from Kafka's word on the topics.
   * @throws LogUnavailable
   */
  async assign(members: readonly MemberMetadata[]): Promise<readonly MemberAssignment[]> {
    const subscribed = members.map(({ memberId, metadata }) => ({
      memberId,
      ...decodeSubscription(metadata),
    }));
    const topics = [...new Set(subscribed.flatMap((member) => member.topics))];
    const counts = await this.count(topics);
    this.shared = { topics, counts };
    return [...assign(subscribed, counts)].map(([memberId, partitions]) => ({
      memberId,
      assignment: encodeAssignment(partitions),
    }));
  }

  /** Begins to look whether what was shared out last is still all there is. */
  startWatch(): void {
    this.stopWatch();
    if (this.shared === undefined) return;
    this.watch = new AbortController();
    void this.look(this.shared, this.watch.signal);
  }

  stopWatch(): void {
    this.watch?.abort();
  }

  private async look({ topics, counts }: Shared, stopped: AbortSignal): Promise<void> {
    for (;;) {
      await pause(this.lookEveryMs, stopped);
      if (stopped.aborted) return;
      const now = await this.countIfAnswered(topics);
      if (stopped.aborted) return;
      if (now === undefined || topics.every((name) => now.get(name) === counts.get(name))) continue;
      return this.outdated();
    }
  }

  /** Undefined when Kafka does not answer: the next look asks again. */
  private async countIfAnswered(topics: readonly string[]): Promise<PartitionCounts | undefined> {
    try {
      return await this.count(topics);
    } catch (error) {
      if (error instanceof LogError) return undefined;
      throw error;
    }
  }

  private async count(topics: readonly string[]): Promise<PartitionCounts> {
    if (topics.length === 0) return new Map();
    const described = await this.cluster.topics(topics, ASK_TIMEOUT_MS);
    return new Map([...described].map(([name, { partitions }]) => [name, partitions.length]));
  }
}
