import { encodeEndMarker } from '../records/control-batch.js';
import {
  batchOf,
  openLog,
  readAll,
  readValues,
  runtimeWith,
  temporaryDirectory,
} from './testing/log-fixture.js';
import {
  OffsetOutOfRange,
  OutOfOrderSequence,
  ProducerFenced,
  MessageTooLarge,
} from './storage.errors.js';
import { CorruptRecords, InvalidRecords } from '../records/records.errors.js';

const withoutCache = () => runtimeWith({}, 0);

describe('a partition log', () => {
  it('gives offsets in order and reads whole batches from the one that holds an offset', async () => {
    for (const runtime of [withoutCache(), runtimeWith({})]) {
      const log = await openLog({ runtime });
      expect(await log.append(batchOf(['a', 'b', 'c']))).toMatchObject({
        baseOffset: 0,
        lastOffset: 2,
      });
      expect(await log.append(batchOf(['d']))).toMatchObject({ baseOffset: 3, lastOffset: 3 });
      expect(log.endOffset).toBe(4);
      expect(log.highWatermark).toBe(4);
      expect(await readValues(log)).toEqual(['a', 'b', 'c', 'd']);
      const first = await log.read(1, 1);
      expect(first.length).toBe(batchOf(['a', 'b', 'c']).length);
      expect((await log.read(1, 1, { atLeastOneBatch: false })).length).toBe(0);
      expect((await log.read(4, 1000)).length).toBe(0);
      await expect(log.read(5, 1000)).rejects.toBeInstanceOf(OffsetOutOfRange);
    }
  });

  it('rolls segments and reads across them, also after a clean close', async () => {
    const directory = temporaryDirectory();
    const config = { segmentBytes: 400 };
    const log = await openLog({ directory, config, runtime: withoutCache() });
    const values = Array.from({ length: 100 }, (_, index) => `value-${index}`);
    for (const value of values) await log.append(batchOf([value]));
    expect(await readValues(log)).toEqual(values);
    await log.close();
    const again = await openLog({ directory, config, leaderEpoch: 1 });
    expect(again.endOffset).toBe(100);
    expect(await readValues(again)).toEqual(values);
    expect(await readValues(again, 57)).toEqual(values.slice(57));
  });

  it('refuses damaged, too large and foreign batches and keeps nothing of them', async () => {
    const log = await openLog({ config: { maxMessageBytes: 200 } });
    const damaged = batchOf(['a']);
    damaged[damaged.length - 1]! ^= 1;
    await expect(log.append(damaged)).rejects.toBeInstanceOf(CorruptRecords);
    await expect(log.append(batchOf(['x'.repeat(300)]))).rejects.toBeInstanceOf(MessageTooLarge);
    const marker = encodeEndMarker(
      { outcome: 'abort', coordinatorEpoch: 0 },
      { producerId: 1, producerEpoch: 0, timestamp: 1 },
    );
    await expect(log.append(marker)).rejects.toBeInstanceOf(InvalidRecords);
    expect(log.endOffset).toBe(0);
  });

  it('demands keys where the topic is compacted', async () => {
    const log = await openLog({ config: { cleanupPolicy: 'compact' } });
    await expect(log.append(batchOf(['no key']))).rejects.toBeInstanceOf(InvalidRecords);
    await log.append(batchOf(['k=v']));
    expect(log.endOffset).toBe(1);
  });

  it('answers a repeated batch with its first offsets, refuses gaps and fenced producers', async () => {
    const directory = temporaryDirectory();
    const from = (baseSequence: number, producerEpoch = 0, values = ['a', 'b']) =>
      batchOf(values, { producerId: 7, producerEpoch, baseSequence });
    let log = await openLog({ directory });
    await log.append(from(0));
    await log.append(from(2));
    expect(await log.append(from(0))).toMatchObject({
      baseOffset: 0,
      lastOffset: 1,
      duplicate: true,
    });
    await expect(log.append(from(6))).rejects.toBeInstanceOf(OutOfOrderSequence);
    await log.close();
    log = await openLog({ directory, leaderEpoch: 1 });
    expect(await log.append(from(2))).toMatchObject({ baseOffset: 2, duplicate: true });
    await expect(log.append(from(5))).rejects.toBeInstanceOf(OutOfOrderSequence);
    expect(await log.append(from(4))).toMatchObject({ baseOffset: 4, duplicate: false });
    expect(await log.append(from(0, 1))).toMatchObject({ baseOffset: 6, duplicate: false });
    await expect(log.append(from(6, 0))).rejects.toBeInstanceOf(ProducerFenced);
    expect(log.endOffset).toBe(8);
  });

  it('goes round to sequence 0 after the largest', async () => {
    const log = await openLog();
    const at = (baseSequence: number, values: readonly string[]) =>
      batchOf(values, { producerId: 1, producerEpoch: 0, baseSequence });
    await log.append(at(0x7ffffffe, ['a', 'b', 'c']));
    expect(await log.append(at(1, ['d']))).toMatchObject({ baseOffset: 3, duplicate: false });
  });

  it('finds the exact record for a time, inside batches, gzip batches and closed segments', async () => {
    const log = await openLog({ config: { segmentBytes: 500 }, runtime: withoutCache() });
    for (let round = 0; round < 40; round++) {
      await log.append(batchOf(['a', 'b', 'c'], { at: 1_000 + round * 10, codec: round % 2 }));
    }
    expect(await log.offsetForTimestamp(0)).toMatchObject({ offset: 0, timestamp: 1_000 });
    expect(await log.offsetForTimestamp(1_151)).toMatchObject({ offset: 46, timestamp: 1_151 });
    expect(await log.offsetForTimestamp(1_153)).toMatchObject({ offset: 48, timestamp: 1_160 });
    expect(await log.offsetForTimestamp(1_393)).toBeUndefined();
    expect(await log.maxTimestamp()).toMatchObject({ offset: 119, timestamp: 1_392 });
  });

  it('finds times that do not grow', async () => {
    const log = await openLog({ config: { segmentBytes: 500 }, runtime: withoutCache() });
    const times = [50, 10, 90, 20, 30, 70, 40, 95, 60, 5, 80, 15];
    for (const at of times) await log.append(batchOf([`${at}`], { at }));
    for (let asked = 0; asked <= 96; asked++) {
      const expected = times.findIndex((at) => at >= asked);
      expect((await log.offsetForTimestamp(asked))?.offset ?? -1).toBe(expected);
    }
  });

  it('puts its own time on records where the topic says so', async () => {
    const log = await openLog({
      config: { messageTimestampType: 'LogAppendTime' },
      clock: () => 5_555,
    });
    expect(await log.append(batchOf(['a', 'b']))).toMatchObject({ logAppendTime: 5_555 });
    expect((await readAll(log)).map(({ timestamp }) => timestamp)).toEqual([5_555, 5_555]);
  });

  it('knows where each leader epoch ended', async () => {
    const directory = temporaryDirectory();
    for (const leaderEpoch of [0, 1, 3]) {
      const log = await openLog({ directory, leaderEpoch });
      await log.append(batchOf(['a', 'b']));
      await log.close();
    }
    const log = await openLog({ directory, leaderEpoch: 4 });
    expect(log.epochEnd(0)).toEqual({ leaderEpoch: 0, endOffset: 2 });
    expect(log.epochEnd(2)).toEqual({ leaderEpoch: 1, endOffset: 4 });
    expect(log.epochEnd(3)).toEqual({ leaderEpoch: 3, endOffset: 6 });
    expect(log.epochEnd(4)).toEqual({ leaderEpoch: 4, endOffset: 6 });
    expect(log.epochEnd(5)).toBeUndefined();
    expect((await readAll(log)).length).toBe(6);
  });

  it('hides open transactions from committed reads and lists aborted ones', async () => {
    const log = await openLog();
    const of = (producerId: number) => ({
      producerId,
      producerEpoch: 0,
      transactional: true,
      baseSequence: 0,
    });
    await log.append(batchOf(['plain']));
    await log.append(batchOf(['a1', 'a2'], of(1)));
    await log.append(batchOf(['b1'], of(2)));
    await log.append(batchOf(['late']));
    expect(log.lastStableOffset).toBe(1);
    const end = (producerId: number, outcome: 'commit' | 'abort') =>
      log.append(
        encodeEndMarker(
          { outcome, coordinatorEpoch: 3 },
          { producerId, producerEpoch: 0, timestamp: 1 },
        ),
        { origin: 'coordinator' },
      );
    await end(1, 'abort');
    expect(log.lastStableOffset).toBe(3);
    expect((await readAll(log, 0, 'committed')).length).toBe(3);
    await end(2, 'commit');
    expect(log.lastStableOffset).toBe(log.highWatermark);
    expect((await log.readCommitted(0, 10_000)).abortedTransactions).toEqual([
      { producerId: 1, firstOffset: 1, lastOffset: 5 },
    ]);
    expect((await log.readCommitted(6, 10_000)).abortedTransactions).toEqual([]);
  });

  it('deletes records up to an offset, for good', async () => {
    const directory = temporaryDirectory();
    let log = await openLog({ directory });
    for (const value of ['a', 'b', 'c']) await log.append(batchOf([value]));
    expect(await log.deleteRecordsBefore(2)).toBe(2);
    await expect(log.read(1, 100)).rejects.toBeInstanceOf(OffsetOutOfRange);
    await expect(log.deleteRecordsBefore(4)).rejects.toBeInstanceOf(OffsetOutOfRange);
    await log.close();
    log = await openLog({ directory, leaderEpoch: 1 });
    expect(log.startOffset).toBe(2);
    expect(await readValues(log)).toEqual(['c']);
  });

  it('cuts its end with everything that was known of it', async () => {
    const log = await openLog({ config: { segmentBytes: 300 } });
    const from = (baseSequence: number) =>
      batchOf(['a'], { producerId: 1, producerEpoch: 0, baseSequence });
    for (let sequence = 0; sequence < 10; sequence++) await log.append(from(sequence));
    await log.truncate(4);
    expect(log.endOffset).toBe(4);
    await expect(log.append(from(9))).rejects.toBeInstanceOf(OutOfOrderSequence);
    expect(await log.append(from(4))).toMatchObject({ baseOffset: 4, duplicate: false });
    expect((await readValues(log)).length).toBe(5);
  });

  it('tells waiters when there is more to read', async () => {
    const log = await openLog();
    const told: unknown[] = [];
    const stop = log.onAppend((...what) => told.push(what));
    const size = batchOf(['a']).length;
    await log.append(batchOf(['a']));
    expect(told).toEqual([[size, false]]);
    stop();
    await log.append(batchOf(['b']));
    expect(told).toHaveLength(1);
    log.onAppend((...what) => told.push(what));
    await log.close();
    expect(told.slice(1)).toEqual([[0, true]]);
  });
});
