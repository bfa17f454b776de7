import { batchesIn, renewChecksum } from '../records/batches.js';
import { InvalidTimestamp } from './storage.errors.js';
import {
  batchOf,
  openLog,
  readAll,
  readValues,
  runtimeWith,
  temporaryDirectory,
} from './testing/log-fixture.js';

const LARGEST = 2n ** 63n - 1n;
const SMALLEST = -(2n ** 63n);
const unbounded = { timestampAfterMaxMs: 2 ** 63 } as const;

/** A batch of one record with a time that only 64 bits can say. */
function batchAt(time: bigint, value = 'odd=1'): Buffer {
  const batch = batchOf([value]);
  for (const field of [27, 35]) batch.writeBigInt64BE(time, field);
  renewChecksum(batch);
  return batch;
}

/** More than lies between two entries of an index. */
const filler = (at: number): Buffer => batchOf([`filler=${'x'.repeat(5_000)}`], { at });

describe('times of records', () => {
  it.each([
    ['the largest', LARGEST],
    ['the smallest', SMALLEST],
    ['one that is 2^31 ms away', 1_000n + 2n ** 32n],
  ])('may be any, such as %s, and what follows is stored and found', async (_name, odd) => {
    const directory = temporaryDirectory();
    const open = (leaderEpoch: number) =>
      openLog({ directory, leaderEpoch, config: unbounded, runtime: runtimeWith({}, 0) });
    let log = await open(0);
    await log.append(filler(1_000));
    await log.append(batchAt(odd));
    for (const at of [2_000, 3_000, 4_000]) await log.append(filler(at));
    const check = async (): Promise<void> => {
      expect(log.endOffset).toBe(5);
      expect((await readAll(log))[1]!.timestamp).toBe(Number(odd));
      expect(await log.offsetForTimestamp(1_000)).toMatchObject({ offset: 0 });
      expect(await log.offsetForTimestamp(3_500)).toMatchObject({ offset: odd > 0 ? 1 : 4 });
      const newest = odd > 0 ? { offset: 1, timestamp: Number(odd) } : { offset: 4 };
      expect(await log.maxTimestamp()).toMatchObject(newest);
    };
    await check();
    await log.close();
    log = await open(1);
    await check();
  });

  it('stay as they are when their batch is compacted', async () => {
    const config = { ...unbounded, cleanupPolicy: 'compact', segmentBytes: 300 } as const;
    const log = await openLog({ config, runtime: runtimeWith({}, 0) });
    const batch = batchOf(['gone=1', 'odd=1']);
    for (const field of [27, 35]) batch.writeBigInt64BE(LARGEST, field);
    renewChecksum(batch);
    await log.append(batch);
    for (let index = 0; index < 10; index += 1) await log.append(batchOf(['gone=2']));
    expect((await log.cleanOnce(5_000)).compacted).toBe(true);
    const [first] = await readAll(log);
    expect(first).toMatchObject({ offset: 1, timestamp: 2 ** 63 });
    const [kept] = batchesIn(await log.read(0, 1));
    expect(kept!.bytes.readBigInt64BE(27)).toBe(LARGEST);
  });

  it('are refused where they lie too far after the broker', async () => {
    const log = await openLog({ clock: () => 10_000 });
    const latest = 10_000 + 3_600_000;
    await expect(log.append(batchAt(LARGEST))).rejects.toBeInstanceOf(InvalidTimestamp);
    await expect(log.append(batchOf(['a'], { at: latest + 1 }))).rejects.toMatchObject({
      kafkaCode: 32,
    });
    await expect(log.append(batchOf(['a', 'b'], { at: latest }))).rejects.toMatchObject({
      kafkaCode: 32,
    });
    expect(log.endOffset).toBe(0);
    await log.append(batchOf(['c'], { at: latest }));
    expect(await readValues(log)).toEqual(['c']);
  });

  it('are refused where they lie too far before the broker, if the topic says so', async () => {
    const config = { timestampBeforeMaxMs: 1_000 };
    const log = await openLog({ config, clock: () => 10_000 });
    await expect(log.append(batchOf(['a', 'b'], { at: 8_999 }))).rejects.toBeInstanceOf(
      InvalidTimestamp,
    );
    await log.append(batchOf(['c'], { at: 9_000 }));
    await log.append(batchAt(-1n, 'none'));
    expect(await readValues(log)).toEqual(['c', 'none']);
  });

  it('of producers do not matter where the broker puts its own', async () => {
    const config = { messageTimestampType: 'LogAppendTime', timestampBeforeMaxMs: 0 } as const;
    const log = await openLog({ config, clock: () => 10_000 });
    await log.append(batchAt(LARGEST));
    expect((await readAll(log)).map(({ timestamp }) => timestamp)).toEqual([10_000]);
  });
});
