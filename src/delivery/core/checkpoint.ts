/** What the engine writes down, and reads back when it takes a partition over. Times are Unix ms. */
import type { AttemptFault, BehindReason } from '../../kafka/contracts/delivery-shapes.js';
import type { RecordHeader } from '../../kafka/log/event-log.js';
import type { Gap } from './position.js';

/** A partition of a topic, whatever its incarnation. */
export interface PartitionName {
  readonly topic: string;
  readonly partition: number;
}

/** A partition's name as one text: `orders/3`. */
export const nameOf = ({ topic, partition }: PartitionName): string => `${topic}/${partition}`;

/**
 * `retry`: waits for its next attempt, or is under way for long. `parked`: waits behind an earlier
 * event of its key. `redrive`: is sent again because somebody asked. `dead`: attempts are used up.
 * `done`: delivered, kept until the stored floor has passed it.
 */
export type ExceptionState = 'retry' | 'parked' | 'redrive' | 'dead' | 'done';

/** A record as an exception keeps it. */
export interface KeptRecord {
  /** What it takes in memory, about, where that is known; else key and value count. */
  readonly bytes?: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly RecordHeader[];
  readonly timestamp: number;
}

/** What a list of dead letters shows of an event. */
export interface EventSummary {
  readonly messageId: string;
  readonly eventId: string;
  readonly source: string;
  readonly type: string;
  readonly key: string | null;
}

/** Names an exception of a partition. */
export interface ExceptionName {
  readonly subscriptionUid: string;
  /** Kafka's id of the topic that the offset belongs to. */
  readonly topicId: string;
  readonly offset: number;
}

/** An exception as it is to be stored from now on. */
export interface ExceptionWrite extends ExceptionName {
  readonly state: Exclude<ExceptionState, 'done'>;
  /** The record's key; null: the delivery waits for no other. */
  readonly orderKey: Buffer | null;
  readonly attempts: number;
  /** When it is to be tried; null: it does not wait for a time. */
  readonly due: number | null;
  /** Null: what is stored stays (for `parked`: nothing, the log has it). */
  readonly record: KeptRecord | null;
  /** Set for `dead`. */
  readonly summary: EventSummary | null;
  readonly error: AttemptFault | null;
  readonly operationId: string | null;
}

/** An exception that is over. */
export interface ExceptionEnd extends ExceptionName {
  /** False: it is read again after a crash, so it is kept as `done`; true: its row goes. */
  readonly covered: boolean;
}

/** A subscription's place in a partition; the row exists once the engine knows of it. */
export interface LaneRow {
  readonly subscriptionUid: string;
  /** Null: follows live, from the floor on. Else everything from this offset on is its own to read. */
  readonly fromOffset: number | null;
  readonly reason: BehindReason | null;
  /** Since when its retry clocks stand still; null: they run. */
  readonly haltedAt: number | null;
  /** Number of the newest filter by which everything before its place was judged. */
  readonly filterRevision: number;
}

/**
 * Something that adds up. It counts once, though the answer about a checkpoint may be lost and all
 * of it be written again: it counts unless the stored checkpoint is `since` or a later one.
 */
export interface CountedOnce {
  /** Sequence of the first checkpoint that it was put into. */
  readonly since: number;
}

/** How far a redrive or resend came since the last checkpoint. */
export interface OperationStep {
  readonly operationId: string;
  readonly delivered: number;
  readonly failed: number;
}

/** Retries become due later by so much. */
export interface RetryShift {
  readonly byMs: number;
}

/** Events that were gone before a subscription read them. */
export interface LaneGap {
  readonly subscriptionUid: string;
  readonly gap: Gap;
}

/** All that is to be written for one owned partition. Lists may be empty. */
export interface PartitionCheckpoint extends PartitionName {
  readonly topicId: string;
  readonly ownerEpoch: number;
  /** Rises with each checkpoint of an owner epoch, from 1. */
  readonly sequence: number;
  readonly floor: number;
  /** Leader epoch of the newest batch that was passed, at or beyond the floor; -1: unknown. */
  readonly leaderEpoch: number;
  /**
   * Done before all else: exceptions of `topicId` from this offset on belong to records that the log
   * has lost. They get `as` for their topic id, because their offsets come to mean other events.
   */
  readonly retire: { readonly fromOffset: number; readonly as: string } | null;
  readonly lanes: readonly LaneRow[];
  readonly writes: readonly ExceptionWrite[];
  readonly ends: readonly ExceptionEnd[];
  /** All retries of these subscriptions in this partition become due so much later; before `writes`. */
  readonly shifts: readonly (RetryShift & CountedOnce & { readonly subscriptionUid: string })[];
  readonly gaps: readonly LaneGap[];
  readonly operations: readonly (OperationStep & CountedOnce)[];
}

/** An exception as it is read back, without its record. */
export interface StoredException extends ExceptionName {
  readonly partition: number;
  readonly topic: string;
  readonly state: ExceptionState;
  readonly orderKey: Buffer | null;
  readonly attempts: number;
  readonly due: number | null;
  readonly operationId: string | null;
}

/** A partition as its new owner finds it. */
export interface ClaimedPartition extends PartitionName {
  /** Higher than that of every earlier owner; what they write is refused from now on. */
  readonly ownerEpoch: number;
  /** Undefined: nobody ever owned it. */
  readonly stored:
    { readonly topicId: string; readonly floor: number; readonly leaderEpoch: number } | undefined;
  readonly lanes: readonly LaneRow[];
  /** All but the dead ones below the floor. */
  readonly exceptions: readonly StoredException[];
  /** Rows per subscription that count against its bound: all but `done`. */
  readonly counts: ReadonlyMap<string, number>;
}

/** Where checkpoints are kept; src/delivery/persistence has the one in Postgres. */
export interface CheckpointStore {
  /** Raises the owner epochs, durably, and reads what is there. */
  claim(partitions: readonly PartitionName[]): Promise<readonly ClaimedPartition[]>;
  /**
   * Writes all partitions in one transaction, except those whose owner epoch is not the stored one
   * any more: nothing of them is written, and they are answered. A partition whose epoch row has no
   * floor yet gets it.
   */
  write(checkpoints: readonly PartitionCheckpoint[]): Promise<readonly PartitionName[]>;
  /** Records of exceptions that keep theirs, in the order asked; undefined where there is none. */
  records(
    partition: PartitionName,
    names: readonly ExceptionName[],
  ): Promise<readonly (KeptRecord | undefined)[]>;
  /**
   * Exceptions in these partitions that were made `redrive` since the last call, or since the claim.
   */
  takeRedriven(partitions: readonly PartitionName[]): Promise<readonly StoredException[]>;
  /** Rows of each subscription in each partition that count against its bound: all but `done`. */
  counts(
    subscriptionUids: readonly string[],
    partitions: readonly PartitionName[],
  ): Promise<readonly (readonly number[])[]>;
}
