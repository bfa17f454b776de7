import type { DataSource } from 'typeorm';

import type { DeliveryGap, GapReason } from '../../kafka/contracts/delivery-shapes.js';

/** Recorded gaps of subscriptions, for those who ask. */
export class DeliveryGapStore {
  constructor(private readonly dataSource: DataSource) {}

  /** A page of a subscription's gaps, oldest record first. */
  async list(
    subscriptionUid: string,
    limit: number,
    afterId: number,
  ): Promise<readonly { readonly id: number; readonly gap: DeliveryGap }[]> {
    const rows = await this.dataSource.query<GapRow[]>(
      `SELECT id, partition, from_offset, to_offset, reason, at FROM gaps
       WHERE subscription_uid = $1 AND id > $2::bigint ORDER BY id LIMIT $3`,
      [subscriptionUid, afterId, limit],
    );
    return rows.map((row) => ({
      id: Number(row.id),
      gap: {
        partition: row.partition,
        fromOffset: Number(row.from_offset),
        toOffset: Number(row.to_offset),
        reason: row.reason,
        at: row.at.toISOString(),
      },
    }));
  }
}

interface GapRow {
  readonly id: string;
  readonly partition: number;
  readonly from_offset: string;
  readonly to_offset: string;
  readonly reason: GapReason;
  readonly at: Date;
}
