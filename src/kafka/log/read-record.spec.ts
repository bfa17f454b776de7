import type { EventLog, LogRecord, LogSlice } from './event-log.js';
import { readRecord } from './read-record.js';
import { recordAt } from './testing/log-record.js';

describe('reading one record', () => {
  let closed: number;

  const readAt7 = (slice: Partial<LogSlice>): Promise<LogRecord | undefined> => {
    closed = 0;
    const all: LogSlice = {
      records: [],
      leaderEpoch: 0,
      nextOffset: 7,
      endOffset: 9,
      startOffset: 0,
      ...slice,
    };
    const log = {
      read: () => ({ next: async () => all, close: async () => void (closed += 1) }),
    } as unknown as EventLog;
    return readRecord(log, { topic: 't', topicId: 'k', partition: 0, offset: 7 }, 10);
  };

  it('gives the record at the offset, and lets go of the reader', async () => {
    const record = recordAt(7);
    expect(await readAt7({ records: [record], nextOffset: 8 })).toBe(record);
    expect(closed).toBe(1);
  });

  it('gives nothing where the log passes over the offset', async () => {
    expect(await readAt7({ records: [recordAt(8)], nextOffset: 9 })).toBeUndefined();
    expect(await readAt7({ nextOffset: 9 })).toBeUndefined();
  });

  it('does not take an end that lags for a record that is gone', async () => {
    await expect(readAt7({})).rejects.toMatchObject({ code: 'LOG.UNAVAILABLE' });
    expect(closed).toBe(1);
  });
});
