import { randomUUID } from 'node:crypto';

import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';

import { dataSourceOptions } from '../../../../src/database/data-source-options.js';
import { migrateSchema } from '../../../../src/database/migrate-schema.js';
import type {
  CheckpointStore,
  ClaimedPartition,
  ExceptionEnd,
  ExceptionWrite,
  KeptRecord,
  LaneRow,
  PartitionCheckpoint,
  PartitionName,
} from '../../../../src/delivery/core/checkpoint.js';
import { deliveryMigrations } from '../../../../src/delivery/persistence/delivery-migrations.js';
import { freshDatabase } from '../../../support/fresh-database.js';

/** Kafka's id of the topic in its present incarnation. */
export const TOPIC_ID = 'topic-id-1';

/** A database with delivery's tables in the schema of a toy module. */
export interface DeliverySchema {
  readonly dataSource: DataSource;
  close(): Promise<void>;
}

/** Makes a database, migrates it and opens a pool on it. */
export async function openDeliverySchema(): Promise<DeliverySchema> {
  Logger.overrideLogger(false);
  const database = await freshDatabase();
  const schema = { module: 'deliveries', entities: [], migrations: [...deliveryMigrations] };
  await migrateSchema(database.url, schema);
  const dataSource = await new DataSource(
    dataSourceOptions(database.url, schema, () => undefined),
  ).initialize();
  return {
    dataSource,
    close: async () => {
      await dataSource.destroy();
      await database.drop();
    },
  };
}

/** How many sessions of the database wait for a lock at this moment. */
export async function waitingSessions(dataSource: DataSource): Promise<number> {
  const [row] = await dataSource.query<{ count: number }[]>(
    `SELECT count(*)::int AS count FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return row!.count;
}

/** Claims one partition. */
export async function claimOne(
  store: CheckpointStore,
  partition: PartitionName,
): Promise<ClaimedPartition> {
  const [claimed] = await store.claim([partition]);
  return claimed!;
}

/** Partitions that no other test uses. */
export function freshPartitions(count: number): readonly PartitionName[] {
  const topic = `topic-${randomUUID()}`;
  return Array.from({ length: count }, (_, partition) => ({ topic, partition }));
}

/** What is put into a checkpoint for the first time. */
export const NEW = { since: Number.MAX_SAFE_INTEGER } as const;

let lastSequence = 0;

/** A checkpoint newer than all before that moves the floor to 0, and what is given besides. */
export const checkpoint = (
  { topic, partition }: PartitionName,
  ownerEpoch: number,
  more: Partial<PartitionCheckpoint> = {},
): PartitionCheckpoint => ({
  topic,
  partition,
  topicId: TOPIC_ID,
  ownerEpoch,
  sequence: (lastSequence += 1),
  floor: 0,
  leaderEpoch: 0,
  retire: null,
  lanes: [],
  writes: [],
  ends: [],
  shifts: [],
  gaps: [],
  operations: [],
  ...more,
});

/** A record with bytes of all kinds. */
export const record = (size = 20): KeptRecord => ({
  key: Buffer.from([0, 92, 34, 255]),
  value: Buffer.alloc(size, 'abc\\"\0'),
  headers: [
    { name: 'ce_type', value: Buffer.from('test') },
    { name: 'ce_type', value: Buffer.from([255, 0]) },
    { name: 'odd "\\\0 name', value: Buffer.alloc(0) },
  ],
  timestamp: 1_700_000_000_123,
});

/** A retry with its record. */
export const retry = (
  subscriptionUid: string,
  offset: number,
  more: Partial<ExceptionWrite> = {},
): ExceptionWrite => ({
  subscriptionUid,
  topicId: TOPIC_ID,
  offset,
  state: 'retry',
  orderKey: null,
  attempts: 1,
  due: 1_700_000_100_456,
  record: record(),
  summary: null,
  error: { code: 'WEBHOOKS.STATUS', message: 'It answered 500.', status: 500 },
  operationId: null,
  ...more,
});

/** A dead letter with its event. */
export const dead = (
  subscriptionUid: string,
  offset: number,
  more: Partial<ExceptionWrite> = {},
): ExceptionWrite =>
  retry(subscriptionUid, offset, {
    state: 'dead',
    attempts: 5,
    due: null,
    summary: {
      messageId: `msg_${offset}`,
      eventId: `event-${offset}`,
      source: '/test',
      type: 'test.happened',
      key: 'a\0key',
    },
    ...more,
  });

/** The end of an exception. */
export const end = (subscriptionUid: string, offset: number, covered: boolean): ExceptionEnd => ({
  subscriptionUid,
  topicId: TOPIC_ID,
  offset,
  covered,
});

/** A lane that follows live. */
export const lane = (subscriptionUid: string, more: Partial<LaneRow> = {}): LaneRow => ({
  subscriptionUid,
  fromOffset: null,
  reason: null,
  haltedAt: null,
  filterRevision: 1,
  ...more,
});
