import type { LogRecord } from '../event-log.js';

/** A record with nothing in it but its place, and what is given besides. */
export const recordAt = (offset: number, more: Partial<LogRecord> = {}): LogRecord => ({
  topic: 't',
  partition: 0,
  offset,
  timestamp: 0,
  leaderEpoch: 0,
  key: null,
  value: null,
  headers: [],
  bytes: 0,
  detach: () => undefined,
  ...more,
});
