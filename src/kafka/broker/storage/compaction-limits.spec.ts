import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { BATCH_HEADER_BYTES, lastOffsetAt } from '../records/batch-header.js';
import { batchesIn } from '../records/batches.js';
import { CODEC } from '../records/compression/codec.js';
import { assembleBatch } from '../records/encode-batch.js';
import { recordsOf } from '../records/records.js';
import { compactLog } from './compaction.js';
import { nodeFiles } from './files.js';
import { type LogConfig } from './log-config.js';
import { type PartitionLog } from './partition-log.js';
import {
  batchOf,
  openLog,
  readValues,
  runtimeWith,
  temporaryDirectory,
} from './testing/log-fixture.js';
import { readAtOnce, turnsBeside } from './testing/turns.js';

const COMPACTED: Partial<LogConfig> = {
  cleanupPolicy: 'compact',
  minCleanableDirtyRatio: 0,
  deleteRetentionMs: 0,
};
const NOW = 5_000;

const withTwo = (key: string): string => `${key}=2`;

/** One run of compaction that may hold so many keys. */
const compactWithin = (log: PartitionLog, maxKeys: number, now = NOW): Promise<boolean> =>
  compactLog(log['cleaning'](now), maxKeys);

/** The batch that begins at the offset, as it is stored. */
async function batchAt(log: PartitionLog, offset: number): Promise<Buffer> {
  const [batch] = batchesIn(await log.read(offset, 1));
  expect(batch!.header.baseOffset).toBe(offset);
  return batch!.bytes;
}

/** Its second record says that it has the first one's offset. */
function unordered(): Buffer {
  const batch = batchOf(['a=2', 'c=2']);
  const records = batch.subarray(BATCH_HEADER_BYTES);
  // Behind its length, attributes and time.
  records.writeUInt8(0, 1 + records.readUInt8(0) / 2 + 3);
  const header = { lastOffsetDelta: 1, baseTimestamp: 1, maxTimestamp: 2, recordCount: 2 };
  return assembleBatch(records, { ...header, attributes: CODEC.gzip });
}

describe('compaction of what cannot be read', () => {
  /** Written while the topic takes everything; then the topic becomes a compacted one. */
  async function compactedAround(strange: Buffer, spoil?: (directory: string) => void) {
    const directory = temporaryDirectory();
    const config: { -readonly [K in keyof LogConfig]?: LogConfig[K] } = { segmentBytes: 300 };
    const open = (leaderEpoch: number) =>
      openLog({ directory, leaderEpoch, config, runtime: runtimeWith({}, 0) });
    let log = await open(0);
    await log.append(batchOf(['first=', 'a=1', 'b=1']));
    await log.append(strange);
    await log.append(batchOf(['b=2', 'last=']));
    for (let index = 0; index < 10; index += 1) await log.append(batchOf([`filler${index}=1`]));
    if (spoil !== undefined) {
      await log.close();
      spoil(directory);
      log = await open(1);
    }
    Object.assign(config, COMPACTED);
    return log;
  }

  const pair = batchOf(['a=2', 'c=2']);
  const spoilFile = (directory: string): void => {
    for (const name of readdirSync(directory).filter((each) => each.endsWith('.log'))) {
      const bytes = readFileSync(join(directory, name));
      const at = bytes.indexOf(pair.subarray(BATCH_HEADER_BYTES));
      if (at < 0) continue;
      bytes[bytes.indexOf('c', at)] = 0x62;
      writeFileSync(join(directory, name), bytes);
    }
  };

  it.each<[string, { make: () => Buffer; spoil?: (directory: string) => void }]>([
    ['is damaged on the disk', { make: () => pair, spoil: spoilFile }],
    ['has offsets that do not rise', { make: unordered }],
    ['has more records than keys fit', { make: () => batchOf('abcdef'.split('').map(withTwo)) }],
    [
      'is too large once open',
      { make: () => batchOf(['a=2', `c=${'x'.repeat(67_108_864)}`], { codec: CODEC.gzip }) },
    ],
  ])('leaves a batch as it is that %s', async (_name, { make, spoil }) => {
    const log = await compactedAround(make(), spoil);
    const before = await batchAt(log, 3);
    for (let now = NOW; await compactWithin(log, 5, now); now += 1) expect(now).toBeLessThan(6_000);
    expect(await batchAt(log, 3)).toEqual(before);
    // It makes no other record old.
    const [head] = batchesIn(await log.read(0, 1));
    expect([...recordsOf(head!.bytes)].map(({ offset }) => offset)).toEqual([1]);
    // Tombstones behind it may be about what is in it.
    const behind = await readValues(log, lastOffsetAt(before, 0) + 1);
    expect(behind.slice(0, 3)).toEqual(['b=2', 'last=', 'filler0=1']);
  });
});

describe('compaction with few keys at a time', () => {
  it('comes to the same in several runs', async () => {
    const change = fc.tuple(fc.constantFrom(...'abcdefgh'), fc.constantFrom('', '1', '2'));
    const batches = fc.array(fc.array(change, { minLength: 1, maxLength: 3 }), {
      minLength: 5,
      maxLength: 30,
    });
    await fc.assert(
      fc.asyncProperty(batches, fc.integer({ min: 3, max: 6 }), async (written, maxKeys) => {
        const open = () =>
          openLog({ config: { ...COMPACTED, segmentBytes: 400 }, runtime: runtimeWith({}, 0) });
        const [log, other] = [await open(), await open()];
        const newest = new Map<string, string>();
        for (const changes of written) {
          for (const [key, value] of changes) newest.set(key, value);
          const texts = changes.map(([key, value]) => `${key}=${value}`);
          for (const each of [log, other]) await each.append(batchOf(texts));
        }
        let now = NOW;
        for (; await compactWithin(log, maxKeys, now); now += 1) {
          const found = new Map((await readValues(log)).map((text) => text.split('=') as never));
          for (const [key, value] of newest) expect(found.get(key) ?? '').toBe(value);
          expect(now).toBeLessThan(NOW + 200);
        }
        while (await compactWithin(other, 1_000, now)) now += 1;
        expect(await readValues(log)).toEqual(await readValues(other));
      }),
      { numRuns: 40 },
    );
  });
});

describe('compaction of much', () => {
  it('tells long keys apart', async () => {
    const log = await openLog({ config: { ...COMPACTED, segmentBytes: 300 } });
    const long = 'k'.repeat(100);
    const hash = createHash('sha256').update(`${long}1`).digest('hex');
    for (const text of [`${hash}=1`, `${long}1=1`, `${long}2=1`, `${long}1=2`, 'end=1', 'end=2']) {
      await log.append(batchOf([text]));
    }
    await log.append(batchOf(['x'.repeat(300) + '=1']));
    expect((await log.cleanOnce(NOW)).compacted).toBe(true);
    expect((await readValues(log)).slice(0, -1)).toEqual([
      `${hash}=1`,
      `${long}2=1`,
      `${long}1=2`,
      'end=2',
    ]);
  });

  it('ends soon when the log is closed', async () => {
    let reads = 0;
    let closing: Promise<void> | undefined;
    const read: typeof nodeFiles.read = (...args) => {
      reads += 1;
      closing ??= log.close();
      return nodeFiles.read(...args);
    };
    const config = { ...COMPACTED, segmentBytes: 100 };
    const log = await openLog({ config, runtime: runtimeWith({ read }) });
    for (let count = 0; count < 20; count += 1) await log.append(batchOf([`a=${count}`]));
    expect(await log.cleanOnce(NOW)).toMatchObject({ compacted: false });
    await closing;
    expect(reads).toBeLessThan(5);
  });

  it('leaves others their turns between the records of a batch', async () => {
    const config = { ...COMPACTED, segmentBytes: 1_000 };
    const log = await openLog({ config, runtime: runtimeWith({ read: readAtOnce }, 0) });
    await log.append(batchOf(Array.from({ length: 50_000 }, (_, at) => `${at % 40_000}=1`)));
    await log.append(batchOf(['end=1']));
    const cleaning = log.cleanOnce(NOW);
    const turns = await turnsBeside(cleaning);
    expect(await cleaning).toMatchObject({ compacted: true });
    expect(turns).toBeGreaterThanOrEqual(25);
    expect(await readValues(log)).toHaveLength(40_001);
  });
});
