import type { GapReason } from '../../kafka/contracts/delivery-shapes.js';
import type { EventLog } from '../../kafka/log/event-log.js';
import { LogOffsetOutOfRange, LogTopicGone } from '../../kafka/log/log.errors.js';
import { readRecord } from '../../kafka/log/read-record.js';
import type { CheckpointStore, KeptRecord, PartitionName } from '../core/checkpoint.js';
import type { Delivery } from '../core/delivery.js';
import { ReadEvent } from './read-event.js';

/** An event that waited for its key is not in the log any more. */
export class RecordMissing extends Error {
  override readonly name = 'RecordMissing';

  constructor(readonly reason: GapReason) {
    super(`The event is not in the log any more: ${reason}.`);
  }
}

const READ_TIMEOUT_MS = 5_000;

/** Whose delivery it is. */
export interface LoadingLane {
  readonly subscriptionUid: string;
  readonly partitionName: PartitionName;
  readonly topicId: string;
}

/** Brings back the record of a delivery that is in memory no more: from its row, or from the log. */
export class RecordLoader {
  constructor(
    private readonly store: CheckpointStore,
    private readonly log: EventLog,
  ) {}

  /**
   * Sets the record of a delivery that has none in memory.
   * @throws RecordMissing when neither row nor log has it
   * @throws LogUnavailable, or what the store throws: ask again later
   */
  async load(lane: LoadingLane, delivery: Delivery): Promise<void> {
    delivery.record = delivery.recordStored
      ? await this.fromRow(lane, delivery)
      : await this.fromLog(lane, delivery);
  }

  private async fromRow(lane: LoadingLane, delivery: Delivery): Promise<KeptRecord> {
    const name = delivery.nameFor(lane.subscriptionUid);
    const [record] = await this.store.records(lane.partitionName, [name]);
    if (record === undefined) throw new RecordMissing('deleted');
    return record;
  }

  private async fromLog(lane: LoadingLane, { offset, topicId }: Delivery): Promise<KeptRecord> {
    if (topicId !== lane.topicId) throw new RecordMissing('deleted');
    const { topic, partition } = lane.partitionName;
    try {
      const place = { topic, topicId, partition, offset };
      const record = await readRecord(this.log, place, READ_TIMEOUT_MS);
      if (record === undefined) throw new RecordMissing('expired');
      record.detach();
      return ReadEvent.of(record);
    } catch (error) {
      if (error instanceof LogTopicGone) throw new RecordMissing('deleted');
      if (!(error instanceof LogOffsetOutOfRange)) throw error;
      throw new RecordMissing(offset < error.bounds.startOffset ? 'expired' : 'truncated');
    }
  }
}
