import type { EventLog, LogRecord, LogSlice } from '../../../kafka/log/event-log.js';
import { PartitionSource } from './partition-source.js';

const record = (offset: number): LogRecord => ({
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
});

/** A log that gives one record at a time. */
const oneByOne = (end: number): Pick<EventLog, 'read'> => ({
  read: ({ topic, partition, offset }) => ({
    topic,
    partition,
    next: (): Promise<LogSlice> => {
      if (offset >= end) return new Promise(() => undefined);
      offset += 1;
      const records = [record(offset - 1)];
      return Promise.resolve({ records, nextOffset: offset, startOffset: 0, endOffset: end });
    },
    close: () => Promise.resolve(),
  }),
});

describe('a partition source', () => {
  it('goes on when a slice is used up at the moment it is told of', async () => {
    const read: number[] = [];
    await new Promise<void>((resolve) => {
      const source = new PartitionSource(
        oneByOne(5) as EventLog,
        { topic: 't', partition: 0, maxBytes: 1024, maxRecords: 10 },
        1,
        { topicId: 'id', offset: 0 },
        {
          onReady: () => {
            while (source.peek() !== undefined) read.push(source.take().offset);
            source.demand();
            if (read.length === 5) resolve();
          },
          onFailure: () => undefined,
          onLost: () => Promise.resolve(undefined),
          onGap: () => undefined,
        },
      );
      source.demand();
    });
    expect(read).toEqual([0, 1, 2, 3, 4]);
  });
});
