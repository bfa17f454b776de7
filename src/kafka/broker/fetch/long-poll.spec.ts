import { batchOf, openLog, runtimeWith } from '../storage/testing/log-fixture.js';
import type { PartitionLog } from '../storage/partition-log.js';
import { readWithLongPoll } from './long-poll.js';
import type { PartitionToRead } from './read-partitions.js';

const partition = (log: PartitionLog): PartitionToRead => ({
  index: 0,
  log,
  missingError: 3,
  offset: 0,
  maxBytes: 1_000,
  currentLeaderEpoch: -1,
  lastFetchedEpoch: -1,
});

const poll = (minBytes: number) => ({
  maxWaitMs: 600_000,
  minBytes,
  maxBytes: 10_000,
  committedOnly: false,
  closed: new AbortController().signal,
});

describe('a fetch that waits', () => {
  it('wakes for what was written before it came and is on the disk only now', async () => {
    const syncs: (() => void)[] = [];
    const sync = () => new Promise<void>((resolve) => void syncs.push(resolve));
    const log = await openLog({ fsync: 'always', runtime: runtimeWith({ sync }) });
    const append = log.append(batchOf(['a']));
    while (syncs.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const fetched = readWithLongPoll([partition(log)], poll(1));
    await new Promise((resolve) => setImmediate(resolve));
    syncs.shift()!();
    await append;
    expect((await fetched)[0]!.records.length).toBeGreaterThan(0);
  });

  it('wakes when all of its partitions together have enough', async () => {
    const logs = [await openLog(), await openLog()];
    const batch = (): Buffer => batchOf(['x'.repeat(100)]);
    const fetched = readWithLongPoll(logs.map(partition), poll(batch().length * 3));
    let isAnswered = false;
    void fetched.finally(() => (isAnswered = true));
    await logs[0]!.append(batch());
    await logs[1]!.append(batch());
    await new Promise((resolve) => setImmediate(resolve));
    expect(isAnswered).toBe(false);
    await logs[0]!.append(batch());
    expect((await fetched).map(({ records }) => records.length / batch().length)).toEqual([2, 1]);
  });
});
