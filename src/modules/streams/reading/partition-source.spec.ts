import { reconcile, type Gap } from '../../../delivery/core/position.js';
import type { EventLog, LogRecord, LogSlice } from '../../../kafka/log/event-log.js';
import { LogUnavailable } from '../../../kafka/log/log.errors.js';
import { recordAt } from '../../../kafka/log/testing/log-record.js';
import { PartitionSource, type SourceOwner } from './partition-source.js';

type EpochEnd = () => Promise<{ readonly leaderEpoch: number; readonly endOffset: number }>;

/** A log that gives one offset at a time: its leader epoch, and whether readers see a record there. */
function oneByOne(
  end: number,
  at: (offset: number) => { readonly leaderEpoch: number; readonly hidden?: boolean } = () => ({
    leaderEpoch: 0,
  }),
  epochEnd?: EpochEnd,
): EventLog {
  const read = ({ topic, partition, offset }: Parameters<EventLog['read']>[0]) => ({
    topic,
    partition,
    next: async (): Promise<LogSlice> => {
      if (offset >= end) return new Promise(() => undefined);
      const { leaderEpoch, hidden = false } = at(offset);
      const records = hidden ? [] : [recordAt(offset, { leaderEpoch })];
      offset += 1;
      return { records, leaderEpoch, nextOffset: offset, startOffset: 0, endOffset: end };
    },
    close: async () => undefined,
  });
  return { read, admin: { epochEnd } } as unknown as EventLog;
}

/** Reads from offset 0 up to a record, as a reader does: each slice at the moment it is told of. */
async function readUntil(
  log: EventLog,
  isLast: (record: LogRecord) => boolean,
  onLost: SourceOwner['onLost'] = async () => undefined,
) {
  const read: LogRecord[] = [];
  const gaps: Gap[] = [];
  await new Promise<void>((resolve) => {
    const source: PartitionSource = new PartitionSource(
      log,
      { topic: 't', partition: 0, maxBytes: 1024, maxRecords: 10 },
      1,
      { topicId: 'id', offset: 0 },
      {
        onReady: () => {
          while (source.peek() !== undefined) read.push(source.take());
          source.demand();
          const last = read.at(-1);
          if (last !== undefined && isLast(last)) resolve();
        },
        onFailure: () => undefined,
        onLost,
        onGap: (_, gap) => void gaps.push(gap),
      },
    );
    source.demand();
  });
  return { read, gaps };
}

const offsetsOf = (records: readonly LogRecord[]) => records.map(({ offset }) => offset);

describe('a partition source', () => {
  it('goes on when a slice is used up at the moment it is told of', async () => {
    const { read } = await readUntil(oneByOne(5), ({ offset }) => offset === 4);
    expect(offsetsOf(read)).toEqual([0, 1, 2, 3, 4]);
  });

  it('goes back to where the log was cut, though it has grown again beyond its place', async () => {
    // Records 0 to 4 came from one leader; 3 and 4 were lost, and another one wrote 3 to 6 anew.
    let leader = 1;
    const at = (offset: number) => {
      if (offset === 5) leader = 2;
      return { leaderEpoch: offset < 3 ? 1 : leader };
    };
    const log = oneByOne(7, at, async () => ({
      leaderEpoch: 1,
      endOffset: leader === 1 ? 5 : 3,
    }));
    const bounds: unknown[] = [];
    const { read, gaps } = await readUntil(
      log,
      ({ offset, leaderEpoch }) => offset === 6 && leaderEpoch === 2,
      async ({ position }, state) => {
        bounds.push(state);
        return state && reconcile(position, state);
      },
    );
    expect(read.map(({ offset, leaderEpoch }) => `${offset}/${leaderEpoch}`)).toEqual([
      '0/1',
      '1/1',
      '2/1',
      '3/1',
      '4/1',
      '3/2',
      '4/2',
      '5/2',
      '6/2',
    ]);
    expect(bounds).toEqual([{ topicId: 'id', requested: 5, startOffset: 0, endOffset: 3 }]);
    expect(gaps).toEqual([{ reason: 'truncated', topicId: 'id', from: 3, to: 5 }]);
  });

  /** Reads a log of four records, of which 2 is a marker under a new leader and 3 a record of it. */
  async function readPastMarker(epochEnd: EpochEnd) {
    const lost: unknown[] = [];
    const at = (offset: number) => ({ leaderEpoch: offset < 2 ? 1 : 2, hidden: offset === 2 });
    const { read } = await readUntil(
      oneByOne(4, at, epochEnd),
      ({ offset }) => offset === 3,
      async (_, state) => void lost.push(state),
    );
    return { read: offsetsOf(read), lost };
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
