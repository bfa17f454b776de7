import type { EventLog, LogRecord } from './event-log.js';
import { LogUnavailable } from './log.errors.js';

/** Where a record lies. */
export interface RecordPlace {
  readonly topic: string;
  /** Kafka's id of the topic that the offset belongs to. */
  readonly topicId: string;
  readonly partition: number;
  readonly offset: number;
}

/**
 * The record at an offset.
 * @returns undefined where the log passes over the offset: it was compacted away, or never was a
 *   record that readers see
 * @throws LogOffsetOutOfRange, LogTopicGone
 * @throws LogUnavailable also when the log does not reach the offset within `maxWaitMs`
 */
export async function readRecord(
  log: Pick<EventLog, 'read'>,
  place: RecordPlace,
  maxWaitMs: number,
): Promise<LogRecord | undefined> {
  const { topic, partition, offset } = place;
  const reader = log.read({ ...place, maxBytes: 1, maxRecords: 1 });
  try {
    const { records, nextOffset } = await reader.next({ maxWaitMs });
    if (records.length === 0 && nextOffset <= offset) {
      throw new LogUnavailable(`${topic}/${partition} does not reach offset ${offset} now.`);
    }
    return records.find((record) => record.offset === offset);
  } finally {
    await reader.close();
  }
}
