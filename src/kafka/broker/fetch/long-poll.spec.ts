import { jest } from '@jest/globals';
import { LogClosed } from '../storage/storage.errors.js';
import { batchOf, openLog, runtimeWith } from '../storage/testing/log-fixture.js';
import { PartitionLog } from '../storage/partition-log.js';
import { encodeEndMarker } from '../records/control-batch.js';
import { readWithLongPoll } from './long-poll.js';
import { bytesToRead, type PartitionToRead } from './read-partitions.js';

const partition = (log: PartitionLog): PartitionToRead => ({
  index: 0,
  log,
  missingError: 3,
  offset: 0,
  maxBytes: 10_000,
  maxMessageBytes: 1_000_000,
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

  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('wakes for the first append after the log has become smaller', async () => {
    const log = await openLog({ config: { segmentBytes: 200 } });
    await log.append(batchOf(['x'.repeat(1_000)]));
    await log.append(batchOf(['b']));
    const fetched = readWithLongPoll([{ ...partition(log), offset: 2 }], poll(1));
    await turn();
    await log.deleteRecordsBefore(1);
    await log.cleanOnce();
    expect(log.sizeBytes).toBe(batchOf(['b']).length);
    await log.append(batchOf(['c']));
    expect((await fetched)[0]!.records).toHaveLength(batchOf(['c']).length);
  });

  it('wakes when one of its logs closes, and says so', async () => {
    const log = await openLog();
    const fetched = readWithLongPoll([partition(log)], poll(1));
    await turn();
    await log.delete();
    expect((await fetched)[0]!.error).toBe(new LogClosed('').kafkaCode);
  });

  it.each(['before', 'after'])('wakes for all of a transaction that came %s it', async (when) => {
    const log = await openLog();
    const producer = { producerId: 1, producerEpoch: 0 };
    const written = batchOf(['x'.repeat(5_000)], {
      ...producer,
      baseSequence: 0,
      transactional: true,
    });
    const marker = encodeEndMarker(
      { outcome: 'commit', coordinatorEpoch: 0 },
      { ...producer, timestamp: 1 },
    );
    const bytes = written.length + marker.length;
    if (when === 'before') await log.append(written);
    const fetched = readWithLongPoll([partition(log)], { ...poll(bytes), committedOnly: true });
    await turn();
    if (when === 'after') await log.append(written);
    await log.append(marker, { origin: 'coordinator' });
    expect((await fetched)[0]!.records).toHaveLength(bytes);
  });

  it('leaves no listener with a log, answered or not', async () => {
    const log = await openLog();
    let listeners = 0;
    const added = jest.spyOn(log, 'onAppend').mockImplementation((listener) => {
      const remove = PartitionLog.prototype.onAppend.call(log, listener);
      listeners += 1;
      return () => {
        listeners -= 1;
        remove();
      };
    });
    const connection = new AbortController();
    const [answered, left] = [new AbortController(), connection].map(({ signal }) =>
      readWithLongPoll([partition(log)], { ...poll(1), closed: signal }),
    );
    await turn();
    expect(listeners).toBe(2);
    connection.abort();
    await expect(left).rejects.toThrow('abort');
    expect(listeners).toBe(1);
    await log.append(batchOf(['a']));
    await answered;
    expect(listeners).toBe(0);
    expect(added.mock.calls.length).toBeGreaterThan(1);
  });

  it('waits for no more than fits into an answer', async () => {
    const log = await openLog();
    await log.append(batchOf(['x'.repeat(100)]));
    const size = batchOf(['x'.repeat(100)]).length;
    const fetched = readWithLongPoll([partition(log)], { ...poll(1_000_000), maxBytes: size });
    expect((await fetched)[0]!.records).toHaveLength(size);
  });

  it('answers when a limit or the end of a segment has cut what it read', async () => {
    const cut = await openLog();
    const rolled = await openLog({ config: { segmentBytes: 200 }, runtime: runtimeWith({}, 0) });
    const size = batchOf(['x'.repeat(100)]).length;
    for (const log of [cut, cut, rolled, rolled]) await log.append(batchOf(['x'.repeat(100)]));
    for (const each of [{ ...partition(cut), maxBytes: size }, partition(rolled)]) {
      expect((await readWithLongPoll([each], poll(5_000)))[0]!.records).toHaveLength(size);
    }
  });

  it('reads nothing more for a client that is gone', async () => {
    const log = await openLog();
    const connection = new AbortController();
    const fetched = readWithLongPoll([partition(log)], { ...poll(1), closed: connection.signal });
    await turn();
    connection.abort();
    await expect(fetched).rejects.toThrow('abort');
  });
});

describe('fetches that wait with very many partitions', () => {
  it('leave others of few what they wait for, and others of many their time', async () => {
    const connection = new AbortController();
    const { signal: closed } = connection;
    const [log, idle] = [await openLog(), await openLog()];
    const most = Array.from({ length: 50_000 }, () => partition(idle));
    const many = Array.from({ length: 101 }, () => partition(log));
    const others = Array.from({ length: 10 }, () =>
      readWithLongPoll(most, { ...poll(1), closed }).catch(() => undefined),
    );
    let isAnswered = false;
    const late = readWithLongPoll(many, { ...poll(1), closed });
    const left = late.then(() => (isAnswered = true)).catch(() => undefined);
    const soon = readWithLongPoll(many, { ...poll(1), maxWaitMs: 20 });
    const few = readWithLongPoll([partition(log)], poll(1));
    await log.append(batchOf(['a']));
    expect((await few)[0]!.records.length).toBeGreaterThan(0);
    expect(await soon).toHaveLength(many.length);
    // As long as it would have taken the other one.
    for (const _ of [1, 2]) await readWithLongPoll(many, poll(1));
    expect(isAnswered).toBe(false);
    connection.abort();
    await Promise.all([...others, left]);
    // With room for it, one of many hears of what is appended.
    const again = readWithLongPoll(
      many.map((each) => ({ ...each, offset: 1 })),
      poll(1),
    );
    await log.append(batchOf(['b']));
    expect((await again)[0]!.records.length).toBeGreaterThan(0);
  });
});

describe('bytes that a fetch reads at most', () => {
  it('are the first batch, whatever the limits are, and else what the limits leave', async () => {
    const log = await openLog();
    await log.append(batchOf(['x'.repeat(5_000)]));
    const of = partition(log);
    const read = (maxBytes: number, partitions = [of]): number =>
      bytesToRead(partitions, { maxBytes, committedOnly: false });
    expect(read(1)).toBe(log.sizeBytes);
    expect(read(0)).toBe(log.sizeBytes);
    expect(read(1, [{ ...of, maxMessageBytes: 2_000 }, of])).toBe(2_000);
    expect(read(8_000, [of, of])).toBe(8_000);
    expect(read(1, [{ ...of, offset: log.endOffset }])).toBe(0);
  });
});
