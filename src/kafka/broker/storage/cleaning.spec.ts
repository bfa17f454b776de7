import { readdirSync } from 'node:fs';
import { nodeFiles } from './files.js';
import {
  batchOf,
  crashCopy,
  openLog,
  readAll,
  readValues,
  runtimeWith,
  temporaryDirectory,
} from './testing/log-fixture.js';
import { OffsetOutOfRange } from './storage.errors.js';

const compacted = {
  cleanupPolicy: 'compact',
  segmentBytes: 300,
  minCleanableDirtyRatio: 0,
  deleteRetentionMs: 1_000,
} as const;

describe('retention', () => {
  it('deletes closed segments that are too old, and only those', async () => {
    let now = 0;
    const config = { segmentBytes: 200, retentionMs: 1_000 };
    const log = await openLog({ config, clock: () => now });
    for (now = 0; now < 2_000; now += 100) await log.append(batchOf(['x'.repeat(50)], { at: now }));
    const { deletedSegments } = await log.cleanOnce(2_000);
    expect(deletedSegments).toBeGreaterThan(0);
    expect(log.startOffset).toBeGreaterThan(7);
    expect(log.startOffset).toBeLessThanOrEqual(10);
    await expect(log.read(0, 100)).rejects.toBeInstanceOf(OffsetOutOfRange);
    await log.cleanOnce(10_000);
    await log.cleanOnce(10_000);
    expect(log.startOffset).toBe(20);
    expect(await log.append(batchOf(['next']))).toMatchObject({ baseOffset: 20 });
  });

  it('keeps at least the bytes asked for', async () => {
    const log = await openLog({
      config: { segmentBytes: 500, retentionMs: -1, retentionBytes: 1_200 },
    });
    for (let index = 0; index < 50; index++) await log.append(batchOf(['x'.repeat(40)]));
    await log.cleanOnce();
    expect(log.sizeBytes).toBeGreaterThanOrEqual(1_200);
    expect(log.sizeBytes).toBeLessThan(1_200 + 500);
  });
});

describe('compaction', () => {
  it('keeps the newest record per key at its offset, and never touches the open segment', async () => {
    const directory = temporaryDirectory();
    let log = await openLog({ directory, config: compacted, runtime: runtimeWith({}, 0) });
    for (let round = 0; round < 30; round++) {
      await log.append(
        batchOf([`a=${round}`, `b=${round}`, `only${round}=1`], { codec: round % 2 }),
      );
    }
    const before = await readAll(log);
    expect((await log.cleanOnce(5_000)).compacted).toBe(true);
    const check = async (): Promise<void> => {
      const after = await readAll(log);
      expect(after.length).toBeLessThan(before.length);
      const newest = new Map(before.map((record) => [String(record.key), record]));
      for (const record of newest.values()) {
        const kept = after.find(({ offset }) => offset === record.offset);
        expect([kept?.key, kept?.value]).toEqual([record.key, record.value]);
      }
      for (const { offset, key, value, timestamp } of after) {
        expect([key, value, timestamp]).toEqual([
          before[offset]!.key,
          before[offset]!.value,
          before[offset]!.timestamp,
        ]);
      }
    };
    await check();
    await log.close();
    log = await openLog({ directory, config: compacted });
    expect(log.endOffset).toBe(90);
    await check();
  });

  it('is seen at once by readers, whatever was in memory', async () => {
    const log = await openLog({ config: compacted });
    for (let round = 0; round < 30; round++)
      await log.append(batchOf([`a=${round}`, `b=${round}`]));
    expect((await log.cleanOnce(5_000)).compacted).toBe(true);
    expect((await readValues(log)).length).toBeLessThan(20);
    await log.append(batchOf(['a=last']));
    expect((await readValues(log)).at(-1)).toBe('a=last');
  });

  it('keeps a tombstone for its time after the first compaction that met it', async () => {
    const log = await openLog({ config: compacted, runtime: runtimeWith({}, 0) });
    await log.append(batchOf(['gone=1', 'gone=', 'stays=1']));
    for (let index = 0; index < 10; index++) await log.append(batchOf([`filler=${index}`]));
    await log.cleanOnce(5_000);
    expect(await readValues(log)).toContain('gone=');
    expect(await readValues(log)).not.toContain('gone=1');
    await log.cleanOnce(5_999);
    expect(await readValues(log)).toContain('gone=');
    await log.cleanOnce(6_001);
    expect(await readValues(log)).not.toContain('gone=');
    expect(await readValues(log)).toContain('stays=1');
  });

  it('loses nothing when the process dies between any two of its steps', async () => {
    const copies: string[] = [];
    let directory = '';
    const step = (): void => void (directory !== '' && copies.push(crashCopy(directory)));
    const files = {
      rename: (from: string, to: string) => {
        step();
        nodeFiles.rename(from, to);
        step();
      },
      remove: (path: string) => {
        step();
        nodeFiles.remove(path);
        step();
      },
    };
    const home = temporaryDirectory();
    const log = await openLog({
      directory: home,
      config: compacted,
      runtime: runtimeWith(files, 0),
    });
    for (let round = 0; round < 30; round++)
      await log.append(batchOf([`a=${round}`, `k${round % 5}=${round}`]));
    const newest = new Map(
      (await readAll(log)).map(({ key, value }) => [String(key), String(value)]),
    );
    directory = home;
    expect((await log.cleanOnce(5_000)).compacted).toBe(true);
    expect(copies.length).toBeGreaterThan(5);
    for (const copy of copies) {
      const survived = await openLog({ directory: copy, config: compacted, leaderEpoch: 1 });
      const found = new Map(
        (await readAll(survived)).map(({ key, value }) => [String(key), String(value)]),
      );
      expect(found).toEqual(newest);
      expect(survived.endOffset).toBe(60);
      expect(readdirSync(copy).filter((name) => /swap|cleaned/.test(name))).toEqual([]);
    }
  });

  it('goes on beside readers and appends', async () => {
    const log = await openLog({ config: compacted, runtime: runtimeWith({}, 0) });
    for (let round = 0; round < 200; round++) await log.append(batchOf([`k${round % 7}=${round}`]));
    const cleaning = log.cleanOnce(5_000);
    const readers = Array.from({ length: 5 }, () => readAll(log));
    for (let round = 200; round < 260; round++)
      await log.append(batchOf([`k${round % 7}=${round}`]));
    await cleaning;
    for (const records of await Promise.all(readers)) {
      const offsets = records.map(({ offset }) => offset);
      expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
      for (const { offset, value } of records) expect(String(value)).toBe(String(offset));
    }
    const newest = new Map(
      (await readAll(log)).map(({ key, value }) => [String(key), String(value)]),
    );
    expect(newest.get('k0')).toBe('259');
  });

  it('does not forget the sequence of a producer whose records are gone', async () => {
    const directory = temporaryDirectory();
    let log = await openLog({ directory, config: compacted });
    const at = (baseSequence: number) =>
      batchOf(['k=1'], { producerId: 9, producerEpoch: 0, baseSequence });
    for (let sequence = 0; sequence < 3; sequence++) await log.append(at(sequence));
    for (let index = 0; index < 20; index++) await log.append(batchOf([`k=${index}`]));
    await log.cleanOnce(5_000);
    const copy = crashCopy(directory);
    log = await openLog({ directory: copy, config: compacted });
    expect(await log.append(at(2))).toMatchObject({ duplicate: true, baseOffset: 2 });
    expect(await log.append(at(3))).toMatchObject({ duplicate: false });
  });
});

describe('the largest compaction lag', () => {
  const lagging = {
    ...compacted,
    segmentBytes: 1_000_000,
    minCleanableDirtyRatio: 1,
    deleteRetentionMs: 1_000_000,
    maxCompactionLagMs: 10_000,
  };

  it('compacts even the segment that is open, though little is dirty and nobody appends', async () => {
    let now = 0;
    const log = await openLog({ config: lagging, clock: () => now, runtime: runtimeWith({}, 0) });
    for (let round = 0; round < 5; round++) await log.append(batchOf([`a=${round}`, 'b=1']));
    now = 10_000;
    expect(await log.cleanOnce()).toMatchObject({ compacted: false });
    now = 10_001;
    expect(await log.cleanOnce()).toMatchObject({ compacted: true });
    expect(await readValues(log)).toEqual(['a=4', 'b=1']);
    now = 30_000;
    expect(await log.cleanOnce()).toMatchObject({ compacted: false });
    await log.append(batchOf(['a=5']));
    expect(await log.cleanOnce()).toMatchObject({ compacted: false });
    now = 40_001;
    expect(await log.cleanOnce()).toMatchObject({ compacted: true });
    expect(await readValues(log)).toEqual(['b=1', 'a=5']);
  });
});
