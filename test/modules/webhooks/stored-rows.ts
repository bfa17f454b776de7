import { Client } from 'pg';

import type { AttemptFault } from '../../../src/kafka/contracts/delivery-shapes.js';
import { eventually } from '../../support/eventually.js';
import type { TestBed } from './webhooks-app.js';

/** A partition's floor. */
export interface FloorRow {
  readonly partition: number;
  readonly floor: number | null;
  readonly ownerEpoch: number;
}

/** An exception without its record. */
export interface ExceptionRow {
  readonly offset: number;
  readonly state: string;
  readonly attempts: number;
  readonly hasRecord: boolean;
  readonly error: AttemptFault | null;
}

/** A recorded gap. */
export interface GapRow {
  readonly partition: number;
  readonly reason: string;
  readonly from: number;
  readonly to: number;
}

/** What the module has stored, read as nobody but a test may. */
export class StoredRows {
  private constructor(private readonly client: Client) {}

  static async open({ database }: TestBed): Promise<StoredRows> {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    await client.query('SET search_path = webhooks');
    return new StoredRows(client);
  }

  /** Floors of a topic's partitions, by number. */
  async floors(topic: string): Promise<readonly FloorRow[]> {
    const { rows } = await this.client.query<FloorRow>(
      `SELECT partition, floor::int AS floor, owner_epoch::int AS "ownerEpoch" FROM partition_floors
       WHERE topic = $1 ORDER BY partition`,
      [topic],
    );
    return rows;
  }

  /** Waits until every partition of a topic has an owner, and the subscriptions follow live there. */
  async followed(topic: string, partitions: number, subscriptions = 1): Promise<void> {
    const count = async (): Promise<number> => {
      const { rows } = await this.client.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM partition_floors JOIN lanes USING (topic, partition)
         WHERE topic = $1 AND floor IS NOT NULL AND from_offset IS NULL`,
        [topic],
      );
      return rows[0]!.count;
    };
    await eventually(count, (lanes) => lanes === partitions * subscriptions);
  }

  /** Exceptions of a subscription in the order of offsets. */
  async exceptions(subscriptionUid: string): Promise<readonly ExceptionRow[]> {
    const { rows } = await this.client.query<ExceptionRow>(
      `SELECT "offset"::int AS "offset", state, attempts, record_headers IS NOT NULL AS "hasRecord",
         error
       FROM exceptions WHERE subscription_uid = $1 ORDER BY partition, "offset", id`,
      [subscriptionUid],
    );
    return rows;
  }

  /** Gaps of a subscription. */
  async gaps(subscriptionUid: string): Promise<readonly GapRow[]> {
    const { rows } = await this.client.query<GapRow>(
      `SELECT partition, reason, from_offset::int AS "from", to_offset::int AS "to" FROM gaps
       WHERE subscription_uid = $1 ORDER BY id`,
      [subscriptionUid],
    );
    return rows;
  }

  /** Raises the owner epochs of a topic, as another owner would. */
  async fence(topic: string): Promise<void> {
    await this.client.query(
      'UPDATE partition_floors SET owner_epoch = owner_epoch + 1 WHERE topic = $1',
      [topic],
    );
  }

  close(): Promise<void> {
    return this.client.end();
  }
}
