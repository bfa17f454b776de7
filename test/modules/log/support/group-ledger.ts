import { performance } from 'node:perf_hooks';

import type {
  EventLog,
  JoinGroupOptions,
  PartitionGroup,
  PartitionGroupListener,
  TopicPartition,
} from '../../../../src/kafka/log/event-log.js';
import { eventually } from '../../../support/eventually.js';

/** What a member was told, in the order in which all members of a test were told things. */
export interface Told {
  readonly member: string;
  readonly what: 'assigned' | 'revoking' | 'revoked' | 'lost';
  readonly partitions: readonly string[];
  readonly at: number;
}

const named = (partitions: readonly TopicPartition[]): string[] =>
  partitions.map(({ partition }) => `${partition}`).sort();

/**
 * Writes down who holds which partition by what the members of one test's group are told. A
 * partition is held until its hand-over is done, or its loss is told.
 */
export class GroupLedger {
  readonly told: Told[] = [];
  /** Moments at which a partition was given to one member while another held it. */
  readonly heldTwice: string[] = [];
  private readonly holders = new Map<string, string>();
  private readonly members: PartitionGroup[] = [];

  constructor(readonly groupId: string) {}

  /** Joins; `handOver` is what the member does while it hands partitions back. */
  join(
    log: EventLog,
    member: string,
    options: Omit<JoinGroupOptions, 'groupId' | 'listener'>,
    handOver: () => Promise<void> = async () => undefined,
  ): PartitionGroup {
    const listener = this.listener(member, handOver);
    const joined = log.joinGroup({ ...options, groupId: this.groupId, listener });
    this.members.push(joined);
    return joined;
  }

  /** The partitions of all topics that a member holds, as topic/partition. */
  held(member: string): readonly string[] {
    return [...this.holders].filter(([, holder]) => holder === member).map(([key]) => key);
  }

  /** Waits until the members hold so many partitions each. */
  async settles(sizes: Readonly<Record<string, number>>): Promise<void> {
    const now = (): number[] => Object.keys(sizes).map((member) => this.held(member).length);
    const wanted = Object.values(sizes);
    await eventually(now, (held) => held.every((size, index) => size === wanted[index]));
  }

  /** What one member was told, without times. */
  toldTo(member: string): readonly Pick<Told, 'what' | 'partitions'>[] {
    return this.told
      .filter((one) => one.member === member)
      .map(({ what, partitions }) => ({ what, partitions }));
  }

  async leaveAll(): Promise<void> {
    await Promise.all(this.members.map((member) => member.leave()));
  }

  private listener(member: string, handOver: () => Promise<void>): PartitionGroupListener {
    const note = (what: Told['what'], partitions: readonly TopicPartition[]): void => {
      this.told.push({ member, what, partitions: named(partitions), at: performance.now() });
    };
    return {
      onAssigned: (partitions) => {
        note('assigned', partitions);
        for (const one of partitions) this.take(member, one);
      },
      onRevoked: async (partitions) => {
        note('revoking', partitions);
        await handOver();
        for (const one of partitions) this.release(member, one);
        note('revoked', partitions);
      },
      onLost: (partitions) => {
        note('lost', partitions);
        for (const one of partitions) this.release(member, one);
      },
    };
  }

  private take(member: string, { topic, partition }: TopicPartition): void {
    const key = `${topic}/${partition}`;
    const holder = this.holders.get(key);
    if (holder !== undefined) this.heldTwice.push(`${key}: ${holder} and ${member}`);
    this.holders.set(key, member);
  }

  private release(member: string, { topic, partition }: TopicPartition): void {
    const key = `${topic}/${partition}`;
    if (this.holders.get(key) === member) this.holders.delete(key);
    else this.heldTwice.push(`${key}: given back by ${member}, who does not hold it`);
  }
}
