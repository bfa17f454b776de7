import { reconcile } from '../../../delivery/core/position.js';
import type { EventLog, LogRecord, LogSlice } from '../../../kafka/log/event-log.js';
import { LogUnavailable } from '../../../kafka/log/log.errors.js';
import { PartitionSource } from './partition-source.js';

const record = (offset: number, leaderEpoch = 0): LogRecord => ({
  topic: 't',
  partition: 0,
  offset,
  timestamp: 0,
  leaderEpoch,
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
      const bounds = { nextOffset: offset, startOffset: 0, endOffset: end };
      return Promise.resolve({ records, leaderEpoch: 0, ...bounds });
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

  it('goes back to where the log was cut, though it has grown again beyond its place', async () => {
    // Records 0 to 4 came from one leader; 3 and 4 were lost, and another one wrote 3 to 6 anew.
    let leaderEpoch = 1;
    const epochOf = (offset: number): number => (offset < 3 ? 1 : leaderEpoch);
    const log = {
      admin: { epochEnd: async () => ({ leaderEpoch: 1, endOffset: leaderEpoch === 1 ? 5 : 3 }) },
      read: ({
        topic,
        partition,
        offset,
      }: {
        topic: string;
        partition: number;
        offset: number;
      }) => ({
        topic,
        partition,
        next: async (): Promise<LogSlice> => {
          if (offset === 5) leaderEpoch = 2;
          if (offset === 7) return new Promise(() => undefined);
          offset += 1;
          const epoch = epochOf(offset - 1);
          const records = [record(offset - 1, epoch)];
          return { records, leaderEpoch: epoch, nextOffset: offset, startOffset: 0, endOffset: 7 };
        },
        close: async () => undefined,
      }),
    } as unknown as EventLog;
    const read: string[] = [];
    const bounds: unknown[] = [];
    const gaps: unknown[] = [];
    await new Promise<void>((resolve) => {
      const source: PartitionSource = new PartitionSource(
        log,
        { topic: 't', partition: 0, maxBytes: 1024, maxRecords: 10 },
        1,
        { topicId: 'id', offset: 0 },
        {
          onReady: () => {
            for (let next = source.peek(); next !== undefined; next = source.peek()) {
              read.push(`${next.offset}/${next.leaderEpoch}`);
              source.take();
            }
            source.demand();
            if (read.at(-1) === '6/2') resolve();
          },
          onFailure: () => undefined,
          onLost: async ({ position }, state) => {
            bounds.push(state);
            return state && reconcile(position, state);
          },
          onGap: (_, gap) => void gaps.push(gap),
        },
      );
      source.demand();
    });
    expect(read).toEqual(['0/1', '1/1', '2/1', '3/1', '4/1', '3/2', '4/2', '5/2', '6/2']);
    expect(bounds).toEqual([{ topicId: 'id', requested: 5, startOffset: 0, endOffset: 3 }]);
    expect(gaps).toEqual([{ reason: 'truncated', topicId: 'id', from: 3, to: 5 }]);
  });

  /** Reads a log of four records, of which 2 is a marker under a new leader and 3 a record of it. */
  async function readPastMarker(
    epochEnd: () => Promise<{ leaderEpoch: number; endOffset: number }>,
  ) {
    const log = {
      admin: { epochEnd },
      read: ({
        topic,
        partition,
        offset,
      }: {
        topic: string;
        partition: number;
        offset: number;
      }) => ({
        topic,
        partition,
        next: async (): Promise<LogSlice> => {
          if (offset === 4) return new Promise(() => undefined);
          offset += 1;
          const leaderEpoch = offset - 1 < 2 ? 1 : 2;
          const records = offset - 1 === 2 ? [] : [record(offset - 1, leaderEpoch)];
          return { records, leaderEpoch, nextOffset: offset, startOffset: 0, endOffset: 4 };
        },
        close: async () => undefined,
      }),
    } as unknown as EventLog;
    const read: number[] = [];
    const lost: unknown[] = [];
    await new Promise<void>((resolve) => {
      const source: PartitionSource = new PartitionSource(
        log,
        { topic: 't', partition: 0, maxBytes: 1024, maxRecords: 10 },
        1,
        { topicId: 'id', offset: 0 },
        {
          onReady: () => {
            while (source.peek() !== undefined) read.push(source.take().offset);
            source.demand();
            if (read.at(-1) === 3) resolve();
          },
          onFailure: () => undefined,
          onLost: async (_, state) => void lost.push(state),
          onGap: () => undefined,
        },
      );
      source.demand();
    });
    return { read, lost };
  }

  it('takes a marker that a new leader wrote first for no cut', async () => {
    const ended = async () => ({ leaderEpoch: 1, endOffset: 2 });
    expect(await readPastMarker(ended)).toEqual({ read: [0, 1, 3], lost: [] });
  });

  it('leaves out nothing when Kafka does not tell of the former leader at first', async () => {
    let asked = 0;
    const ended = async () => {
      asked += 1;
      if (asked < 3) throw new LogUnavailable('not now');
      return { leaderEpoch: 1, endOffset: 2 };
    };
    expect(await readPastMarker(ended)).toEqual({ read: [0, 1, 3], lost: [] });
    expect(asked).toBe(3);
  });
});
