import type { DataSource } from 'typeorm';

import type { BehindReason, ExceptionCounts } from '../../kafka/contracts/delivery-shapes.js';

/** How far a partition and a subscription's lane in it have come, as stored. */
export interface StoredProgress {
  readonly partition: number;
  /** Kafka's id of the topic that the offsets belong to. */
  readonly topicId: string;
  readonly floor: number;
  /** Null: the subscription follows live. */
  readonly behind: { readonly fromOffset: number; readonly reason: BehindReason } | null;
}

/** Stored progress of subscriptions, for those who ask. */
export class ProgressStore {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * The partitions of the subscription's topic, by number, that have a floor and whose owner knows
   * the subscription: for one that it has not heard of, the floor says nothing.
   */
  async partitions(subscriptionUid: string, topic: string): Promise<readonly StoredProgress[]> {
    const rows = await this.dataSource.query<ProgressRow[]>(
      `SELECT f.partition, f.topic_id, f.floor, l.from_offset, l.reason
       FROM partition_floors f
         JOIN lanes l ON l.subscription_uid = $1 AND l.partition = f.partition
       WHERE f.topic = $2 AND f.floor IS NOT NULL ORDER BY f.partition`,
      [subscriptionUid, topic],
    );
    return rows.map(progressOf);
  }

  /** What the subscription keeps as rows; what is being redriven counts as retrying. */
  async exceptions(subscriptionUid: string): Promise<ExceptionCounts> {
    const [counts] = await this.dataSource.query<[ExceptionCounts]>(
      `SELECT count(*) FILTER (WHERE state IN ('retry', 'redrive'))::int AS retrying,
         count(*) FILTER (WHERE state = 'parked')::int AS parked,
         count(*) FILTER (WHERE state = 'dead')::int AS "deadLetters"
       FROM exceptions WHERE subscription_uid = $1`,
      [subscriptionUid],
    );
    return counts;
  }
}

interface ProgressRow {
  readonly partition: number;
  readonly topic_id: string;
  readonly floor: string;
  readonly from_offset: string | null;
  readonly reason: BehindReason;
}

const progressOf = (row: ProgressRow): StoredProgress => ({
  partition: row.partition,
  topicId: row.topic_id,
  floor: Number(row.floor),
  behind:
    row.from_offset === null ? null : { fromOffset: Number(row.from_offset), reason: row.reason },
});
