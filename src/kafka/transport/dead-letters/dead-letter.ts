import { createHash } from 'node:crypto';
import type { ConsumedRecord, RecordHandler } from '../server/consumed-record.js';

/** Where an event came from. */
export interface Origin {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Unix milliseconds. */
  readonly timestamp: number;
}

/** An event that a module gave up on. */
export interface DeadLetter {
  /** The same however often the same record of the origin becomes a dead letter. */
  readonly id: string;
  readonly contract: string;
  readonly origin: Origin;
  readonly errorCode: string;
  readonly errorMessage: string;
  readonly attempts: number;
  /** When it was given up, in Unix milliseconds. */
  readonly at: number;
  /** The event as its handler gets it. */
  readonly record: ConsumedRecord;
}

/** Id of the dead letter of a record. */
export function deadLetterIdOf(record: Parameters<RecordHandler>[0]): string {
  const { topic, partition, offset, timestamp } = record;
  const place = JSON.stringify([topic, partition, offset, timestamp]);
  return `dl_${createHash('sha256').update(place).digest('hex').slice(0, 32)}`;
}
