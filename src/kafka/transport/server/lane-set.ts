import type { Consumer } from 'kafkajs';
import type { ConsumedRecord, RecordHandler } from './consumed-record.js';
import { PartitionLane } from './partition-lane.js';

/** An offset that may be committed, and the lane it belongs to. */
export interface Committable {
  readonly lane: PartitionLane;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

interface Placed {
  readonly topic: string;
  readonly partition: number;
  readonly lane: PartitionLane;
}

/** The lanes of the partitions that this consumer was given. */
export class LaneSet {
  private readonly lanes = new Map<string, Placed>();

  constructor(
    private readonly concurrencyOf: (topic: string) => number,
    private readonly handle: RecordHandler,
    private readonly consumer: () => Consumer | undefined,
  ) {}

  enqueue(topic: string, partition: number, records: readonly ConsumedRecord[]): void {
    this.laneOf(topic, partition).enqueue(records);
  }

  /** After a rebalance: lanes of partitions that went to another member end without a commit. */
  assign(assignment: Readonly<Record<string, readonly number[]>>): void {
    for (const [id, { topic, partition, lane }] of this.lanes) {
      if (assignment[topic]?.includes(partition)) continue;
      this.lanes.delete(id);
      void lane.close();
    }
  }

  uncommitted(): readonly Committable[] {
    return [...this.lanes.values()].flatMap(({ topic, partition, lane }) => {
      const offset = lane.uncommitted;
      return offset === undefined ? [] : [{ lane, topic, partition, offset }];
    });
  }

  /** Waits until no record is in hand; nothing new is begun. */
  async drain(): Promise<void> {
    await Promise.all([...this.lanes.values()].map(({ lane }) => lane.close()));
  }

  private laneOf(topic: string, partition: number): PartitionLane {
    const id = `${topic}/${partition}`;
    const found = this.lanes.get(id);
    if (found !== undefined) return found.lane;
    const partitions = [{ topic, partitions: [partition] }];
    const lane = new PartitionLane(this.concurrencyOf(topic), this.handle, {
      pause: () => this.consumer()?.pause(partitions),
      resume: () => this.consumer()?.resume(partitions),
    });
    this.lanes.set(id, { topic, partition, lane });
    return lane;
  }
}
