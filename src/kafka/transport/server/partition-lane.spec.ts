import type { ConsumedRecord, RecordHandler } from './consumed-record.js';
import { PartitionLane } from './partition-lane.js';

const record = (offset: number): ConsumedRecord => ({
  topic: 't',
  partition: 0,
  offset,
  timestamp: 0,
  key: null,
  value: null,
  rawHeaders: {},
  headers: {},
});

const upTo = (count: number) => Array.from({ length: count }, (_, offset) => record(offset));
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the lane of a partition', () => {
  let log: string[];
  let hold: Map<number, () => void>;
  const handle: RecordHandler = ({ offset }) =>
    new Promise((resolve) => {
      log.push(`take ${offset}`);
      hold.set(offset, resolve);
    });
  const laneOf = (concurrency: number, handler = handle) =>
    new PartitionLane(concurrency, handler, {
      pause: () => void log.push('pause'),
      resume: () => void log.push('resume'),
    });

  beforeEach(() => {
    log = [];
    hold = new Map();
  });

  it('handles one record after the other, or several at once', async () => {
    const single = laneOf(1);
    single.enqueue(upTo(3));
    expect(log).toEqual(['take 0']);
    hold.get(0)!();
    await settled();
    expect(log).toEqual(['take 0', 'take 1']);
    expect(single.uncommitted).toBe(1);
    log = [];
    laneOf(2).enqueue(upTo(3));
    expect(log).toEqual(['take 0', 'take 1']);
  });

  it('drops records that are fetched again after a rebalance', () => {
    const lane = laneOf(10);
    lane.enqueue(upTo(2));
    lane.enqueue(upTo(3));
    expect(log).toEqual(['take 0', 'take 1', 'take 2']);
  });

  it('pauses its partition while too much waits, and resumes it', async () => {
    const lane = laneOf(1, async () => {});
    lane.enqueue(upTo(150));
    expect(log).toEqual(['pause']);
    await settled();
    expect(log).toEqual(['pause', 'resume']);
    expect(lane.uncommitted).toBe(150);
    lane.committed = 150;
    expect(lane.uncommitted).toBeUndefined();
  });

  it('closes when the records in hand are done, and begins no other', async () => {
    const lane = laneOf(1);
    lane.enqueue(upTo(2));
    const closed = lane.close();
    hold.get(0)!();
    await closed;
    expect(log).toEqual(['take 0']);
    expect(lane.uncommitted).toBe(1);
    lane.enqueue([record(5)]);
    expect(log).toEqual(['take 0']);
  });

  it('says of records before the first commit that they may have been tried by another', async () => {
    const told: boolean[] = [];
    const lane = laneOf(1, async (_, { mayHaveBeenTried }) => void told.push(mayHaveBeenTried));
    lane.enqueue([record(0), record(1)]);
    await settled();
    lane.committed = 2;
    lane.enqueue([record(2)]);
    await settled();
    expect(told).toEqual([true, true, false]);
  });

  it('takes the offsets of a topic that was made anew, and drops the rest of the former', async () => {
    const lane = laneOf(1);
    lane.enqueue(upTo(8));
    for (let offset = 0; offset < 5; offset += 1) {
      hold.get(offset)!();
      await settled();
    }
    lane.committed = lane.uncommitted;
    lane.enqueue([record(0), record(1)]);
    hold.get(5)!();
    await settled();
    expect(log.slice(5)).toEqual(['take 5', 'take 0']);
    expect(lane.uncommitted).toBeUndefined();
    hold.get(0)!();
    await settled();
    expect(lane.uncommitted).toBe(1);
  });

  it('does not settle a record whose handler stopped waiting because of the end', async () => {
    const lane = laneOf(1, (_, { signal }) => {
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    });
    lane.enqueue(upTo(1));
    await lane.close();
    expect(lane.uncommitted).toBeUndefined();
  });
});
