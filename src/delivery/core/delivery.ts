import type { AttemptFault } from '../../kafka/contracts/delivery-shapes.js';
import type { ExceptionName, KeptRecord } from './checkpoint.js';
import type { Keyed } from './key-table.js';

/**
 * `ready`: may be sent. `queued`: waits for its key. `in-flight`: an attempt is under way.
 * `retrying`: waits for its time. `dying`: attempts are used up, to be stored as a dead letter.
 * `over`: nothing more happens.
 */
export type DeliveryState = 'ready' | 'queued' | 'in-flight' | 'retrying' | 'dying' | 'over';

/** What is known of a delivery when it comes into being. */
export interface DeliveryOrigin {
  readonly topicId: string;
  readonly offset: number;
  /** The record's key, its bytes as latin1. */
  readonly recordKey: string | null;
  /** Whether it waits for others of its key. */
  readonly ordered: boolean;
  /** Monotonic milliseconds. */
  readonly readAt: number;
  /** Whether it is of a former incarnation of the topic; default false. */
  readonly former?: boolean;
  readonly record?: KeptRecord;
}

/** One event for one subscription, from when it is read until it is settled and its row is gone. */
export class Delivery implements Keyed {
  readonly topicId: string;
  readonly offset: number;
  readonly recordKey: string | null;
  readonly orderKey: string | null;
  readonly readAt: number;
  readonly former: boolean;
  state: DeliveryState = 'ready';
  /** Attempts that failed. */
  attempts = 0;
  /** Unix milliseconds; null: it does not wait for a time. */
  due: number | null = null;
  error: AttemptFault | null = null;
  operationId: string | null = null;
  /** Undefined: its row, or the log, has it. */
  record: KeptRecord | undefined;
  /** Whether a row keeps the record. */
  recordStored = false;
  /** `asked`: a checkpoint that stores it was sent; it may or may not have come through. */
  row: 'none' | 'asked' | 'stored' = 'none';
  /** Whether the lane's floor waits for it. */
  held = false;
  /** The list that it is in, and its neighbours there: DeliveryList's own. */
  list: object | undefined;
  earlier: Delivery | undefined;
  later: Delivery | undefined;
  /** OffsetTable's own. */
  nextInBucket: Delivery | undefined;

  constructor(origin: DeliveryOrigin) {
    const { topicId, offset, recordKey, ordered, readAt, former = false, record } = origin;
    this.topicId = topicId;
    this.offset = offset;
    this.recordKey = recordKey;
    this.orderKey = ordered ? recordKey : null;
    this.readAt = readAt;
    this.former = former;
    this.record = record;
  }

  /** Bytes of its record in memory. */
  get bytes(): number {
    const { record } = this;
    return record?.bytes ?? (record?.value?.length ?? 0) + (record?.key?.length ?? 0);
  }

  nameFor(subscriptionUid: string): ExceptionName {
    return { subscriptionUid, topicId: this.topicId, offset: this.offset };
  }
}
