import { CODEC } from '../records/compression/codec.js';
import { batchesIn, renewChecksum } from '../records/batches.js';
import { assembleBatch } from '../records/encode-batch.js';
import { CorruptRecords } from '../records/records.errors.js';
import { nodeFiles } from './files.js';
import { batchOf, openLog, readAll, runtimeWith } from './testing/log-fixture.js';
import { readAtOnce, turnsBeside } from './testing/turns.js';

/** Opens to more than a client's batch ever does. */
const bomb = (): Buffer => batchOf([`key=${'x'.repeat(67_108_864)}`], { codec: CODEC.gzip });

/** A batch that promises a time which none of its records has. */
function promising(time: bigint, batch = batchOf(['x'])): Buffer {
  batch.writeBigInt64BE(time, 35);
  renewChecksum(batch);
  return batch;
}

describe('what a log reads', () => {
  it('is kept without the bytes around it', async () => {
    const log = await openLog({ runtime: runtimeWith({}, 0) });
    for (let count = 0; count < 20; count++) await log.append(batchOf(['x'.repeat(1_000)]));
    const read = await log.read(3, 1);
    expect(read.length).toBeLessThan(2_000);
    expect(read.buffer.byteLength).toBeLessThan(10_000);
    const most = await log.read(0, 15_000);
    expect(most.buffer.byteLength).toBeLessThan(3 * most.length);
  });
});

describe('a batch that stands for far more bytes than it has', () => {
  it.each([
    ['keys', { cleanupPolicy: 'compact' }],
    ['times', { timestampBeforeMaxMs: 1_000 }],
  ] as const)('is refused where its records are asked for their %s', async (_name, config) => {
    const log = await openLog({ config, clock: () => 1_500 });
    await expect(log.append(bomb())).rejects.toThrow(CorruptRecords);
    expect(log.endOffset).toBe(0);
  });

  it('is not opened for a time either', async () => {
    const log = await openLog();
    await log.append(promising(9_000n, bomb()));
    await expect(log.offsetForTimestamp(5_000)).rejects.toThrow(CorruptRecords);
  });
});

describe('a search for a time', () => {
  it('passes headers by: there may be millions in a record', async () => {
    const log = await openLog();
    // 8 bytes: attributes, time, offset, no key, no value, and headers that do not parse.
    const record = Buffer.from([16, 0, 0, 0, 1, 1, 0x7e, 0xff, 0xff]);
    const header = { lastOffsetDelta: 0, baseTimestamp: 7, maxTimestamp: 7, recordCount: 1 };
    await log.append(assembleBatch(record, { ...header, attributes: CODEC.gzip }));
    expect(await log.offsetForTimestamp(5)).toMatchObject({ offset: 0, timestamp: 7 });
  });

  it('finds no record among others of the same offset', async () => {
    const log = await openLog();
    const records = Buffer.from([12, 0, 0, 0, 1, 1, 0, 12, 0, 0, 0, 1, 1, 0]);
    const header = { lastOffsetDelta: 1, baseTimestamp: 7, maxTimestamp: 9, recordCount: 2 };
    await log.append(assembleBatch(records, { ...header, attributes: CODEC.gzip }));
    await expect(log.offsetForTimestamp(9)).rejects.toThrow(CorruptRecords);
  });

  it('leaves others their turns between batches that promise it and do not have it', async () => {
    const log = await openLog({ runtime: runtimeWith({ read: readAtOnce }) });
    for (let count = 0; count < 100; count += 1) await log.append(promising(9_000n));
    const search = log.offsetForTimestamp(5_000);
    const turns = await turnsBeside(search);
    expect(await search).toBeUndefined();
    expect(turns).toBeGreaterThanOrEqual(100);
  });
});

describe('a reader beside a compaction that makes one file of two', () => {
  /** A log whose first file ends in a gap, and what `once` is given is done while it is read. */
  async function logWithGap() {
    let meanwhile: (() => Promise<unknown>) | undefined;
    const read: typeof nodeFiles.read = async (fd, into, position) => {
      const now = meanwhile;
      meanwhile = undefined;
      await now?.();
      return await nodeFiles.read(fd, into, position);
    };
    const segmentBytes = Math.floor(batchOf(['a=1']).length * 2.5);
    const log = await openLog({
      runtime: runtimeWith({ read }, 0),
      config: { cleanupPolicy: 'compact', segmentBytes, minCleanableDirtyRatio: 0 },
    });
    let at = 9_000;
    const append = async (keys: string) => {
      for (const key of keys) await log.append(batchOf([`${key}=1`], { at: (at -= 1) }));
    };
    // Two to a file. Of the first two files the records at offsets 0 and 2 stay.
    await append('abbccde');
    await log.cleanOnce();
    await append('fg');
    return { log, once: (work: () => Promise<unknown>) => (meanwhile = work) };
  }

  it('passes by none of the records that stay', async () => {
    const { log, once } = await logWithGap();
    expect((await readAll(log)).map(({ offset }) => offset).slice(0, 2)).toEqual([0, 2]);
    once(() => log.cleanOnce());
    const [first] = batchesIn(await log.read(1, 200));
    expect(first?.header.baseOffset).toBe(2);
  });

  it('finds the first one with a time', async () => {
    const { log, once } = await logWithGap();
    // So that the first file has the time, but not for a reader.
    await log.deleteRecordsBefore(1);
    once(() => log.cleanOnce());
    expect(await log.offsetForTimestamp(5_000)).toMatchObject({ offset: 2 });
  });
});
