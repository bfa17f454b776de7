import { randomUUID } from 'node:crypto';

import type {
  EventLog,
  LogRecord,
  OutgoingRecord,
  StoredAt,
} from '../../../../src/kafka/log/event-log.js';
import { KafkaEventLog } from '../../../../src/kafka/log/kafka-event-log.js';
import type { LogError } from '../../../../src/kafka/log/log.errors.js';

/** The Kafka that the tests run against, as host:port. */
export const testKafka = (): string => process.env['MILLRACE_TEST_KAFKA'] ?? '127.0.0.1:19092';

/** A topic name that no other test has. */
export const freshTopic = (what: string): string => `log-${what}-${randomUUID()}`;

/** A log of its own; close it. */
export const openLog = (): EventLog => new KafkaEventLog({ brokers: [testKafka()], ssl: false });

/** A record with a key, or to an explicit partition. */
export const record = (
  value: string,
  at: { key?: string; partition?: number } = {},
): OutgoingRecord => {
  const key = at.key === undefined ? null : Buffer.from(at.key);
  return {
    key,
    value: Buffer.from(value),
    headers: [{ name: 'n', value: Buffer.from(value) }],
    partitionBy: key ?? Buffer.from(value),
    partition: at.partition,
  };
};

export const isStored = (outcome: StoredAt | LogError | undefined): outcome is StoredAt =>
  outcome !== undefined && 'offset' in outcome;

/** Reads a partition from `offset` until its end as of the last slice. */
export const readAll = async (
  log: EventLog,
  at: { topic: string; partition: number; offset?: number; maxRecords?: number },
): Promise<LogRecord[]> => {
  const reader = log.read({ offset: 0, ...at });
  const records: LogRecord[] = [];
  try {
    for (;;) {
      const slice = await reader.next({ maxWaitMs: 0 });
      records.push(...slice.records);
      if (slice.nextOffset >= slice.endOffset) return records;
    }
  } finally {
    await reader.close();
  }
};

/** Pulls until `count` records came. */
export const take = async (
  reader: ReturnType<EventLog['read']>,
  count: number,
): Promise<LogRecord[]> => {
  const records: LogRecord[] = [];
  while (records.length < count) records.push(...(await reader.next()).records);
  return records;
};

export const valuesOf = (records: readonly LogRecord[]): string[] =>
  records.map(({ value }) => String(value));
