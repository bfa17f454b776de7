import { spawn } from 'node:child_process';
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as fc from 'fast-check';
import { compileStorage } from './testing/compile-storage.js';
import {
  batchOf,
  crashCopy,
  openLog,
  readAll,
  readValues,
  runtimeWith,
  temporaryDirectory,
} from './testing/log-fixture.js';

const config = { segmentBytes: 4_000 };

function newestLog(directory: string): string {
  const logs = readdirSync(directory).filter((name) => name.endsWith('.log'));
  return join(directory, logs.sort().at(-1)!);
}

function flipByte(path: string, at: number): void {
  const bytes = readFileSync(path);
  const fd = openSync(path, 'r+');
  writeSync(fd, Buffer.from([bytes[at]! ^ 0x5a]), 0, 1, at);
  closeSync(fd);
}

/** A log of some batches, copied without being closed. */
async function crashedLog(
  count: number,
): Promise<{ directory: string; ends: number[]; base: number }> {
  const directory = temporaryDirectory();
  const log = await openLog({ directory, config });
  const ends: number[] = [];
  let base = 0;
  for (let index = 0; index < count; index++) {
    const { baseOffset } = await log.append(
      batchOf([`v${index}-${'x'.repeat((index * 37) % 200)}`]),
    );
    const size = statSync(newestLog(directory)).size;
    if (ends.length > 0 && size < ends.at(-1)!) ends.length = 0;
    if (ends.length === 0) base = baseOffset;
    ends.push(size);
  }
  const copy = crashCopy(directory);
  // Rolling writes a checkpoint in its own time; what that vouches for is not walked, nor checked.
  rmSync(join(copy, 'checkpoint'), { force: true });
  return { directory: copy, ends, base };
}

describe('recovery', () => {
  it('keeps everything before the damage and invents nothing after it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.constantFrom('cut', 'flip', 'garbage'),
        async (count, where, damage) => {
          const { directory, ends, base } = await crashedLog(count);
          const path = newestLog(directory);
          const at = Math.floor(where * statSync(path).size);
          if (damage === 'cut') truncateSync(path, at);
          else if (damage === 'flip') flipByte(path, at);
          else writeFileSync(path, Buffer.alloc(500, at % 256), { flag: 'a' });
          const whole = damage === 'garbage' ? ends.length : ends.filter((end) => end <= at).length;
          const log = await openLog({ directory, config, leaderEpoch: 1 });
          // The leader epoch is outside the checksum, and says nothing about the records.
          const headAt = at - (ends[whole - 1] ?? 0);
          const harmless = damage === 'flip' && headAt >= 12 && headAt < 16 ? 1 : 0;
          expect(log.endOffset).toBe(harmless ? base + ends.length : base + whole);
          const values = (await readAll(log)).map(({ value }) => String(value).split('-')[0]);
          expect(values.slice(0, base + whole)).toEqual(
            Array.from({ length: base + whole }, (_, index) => `v${index}`),
          );
          const { baseOffset } = await log.append(batchOf(['next']));
          expect((await readValues(log, baseOffset)).at(-1)).toBe('next');
        },
      ),
      { numRuns: 60 },
    );
  });

  it('rebuilds indexes that are missing or damaged', async () => {
    const directory = temporaryDirectory();
    const log = await openLog({ directory, config: { segmentBytes: 60_000 } });
    for (let index = 0; index < 1_000; index++) {
      await log.append(batchOf([`${index}-${'x'.repeat(200)}`], { at: index }));
    }
    await log.close();
    const indexes = readdirSync(directory).filter((name) => name.endsWith('index'));
    expect(indexes.length).toBeGreaterThan(6);
    for (const [count, name] of indexes.entries()) {
      if (count % 2 === 0) rmSync(join(directory, name));
      else writeFileSync(join(directory, name), Buffer.alloc(64, 0xff));
    }
    const again = await openLog({ directory, leaderEpoch: 1, runtime: runtimeWith({}, 0) });
    for (const offset of [0, 17, 500, 999]) {
      expect((await readValues(again, offset))[0]).toMatch(new RegExp(`^${offset}-`));
      expect((await again.offsetForTimestamp(offset))?.offset).toBe(offset);
    }
  });

  it('rebuilds everything when the checkpoint is damaged', async () => {
    const directory = temporaryDirectory();
    const log = await openLog({ directory, config });
    const at = (baseSequence: number) =>
      batchOf([`${baseSequence}`], { producerId: 3, producerEpoch: 0, baseSequence });
    for (let sequence = 0; sequence < 100; sequence++) await log.append(at(sequence));
    await log.close();
    writeFileSync(join(directory, 'checkpoint'), 'not a checkpoint');
    const again = await openLog({ directory, config, leaderEpoch: 1 });
    expect((await readValues(again)).length).toBe(100);
    expect(await again.append(at(99))).toMatchObject({ duplicate: true, baseOffset: 99 });
    expect(await again.append(at(100))).toMatchObject({ duplicate: false });
  });

  it('knows its leader epochs when their file, or the checkpoint, is damaged', async () => {
    const directory = temporaryDirectory();
    for (const leaderEpoch of [0, 2]) {
      const log = await openLog({ directory, config, leaderEpoch });
      await log.append(batchOf(['a']));
      await log.close();
    }
    const file = join(directory, 'leader-epoch-checkpoint');
    for (const damage of [
      () => writeFileSync(file, '0\n7\nx'),
      () => {
        rmSync(file);
        rmSync(join(directory, 'checkpoint'));
      },
    ]) {
      damage();
      const log = await openLog({ directory, config, leaderEpoch: 3 });
      expect(log.epochEnd(0)).toEqual({ leaderEpoch: 0, endOffset: 1 });
      expect(log.epochEnd(2)).toEqual({ leaderEpoch: 2, endOffset: 2 });
      await log.close();
    }
  });

  it('keeps the sequences of producers over a crash', async () => {
    const directory = temporaryDirectory();
    const log = await openLog({ directory, config });
    const at = (baseSequence: number) =>
      batchOf([`${baseSequence}`], { producerId: 3, producerEpoch: 0, baseSequence });
    for (let sequence = 0; sequence < 150; sequence++) await log.append(at(sequence));
    const again = await openLog({ directory: crashCopy(directory), config, leaderEpoch: 1 });
    expect(await again.append(at(147))).toMatchObject({ duplicate: true, baseOffset: 147 });
    expect(await again.append(at(150))).toMatchObject({ duplicate: false, baseOffset: 150 });
  });

  it('has all that was acknowledged after kill -9', async () => {
    const directory = temporaryDirectory();
    const program = join(compileStorage(), 'storage/testing/append-until-killed.js');
    const child = spawn(process.execPath, [program, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let acknowledged = -1;
    for await (const line of createInterface(child.stdout)) {
      acknowledged = Number(line);
      if (acknowledged === 2_000) child.kill('SIGKILL');
    }
    const log = await openLog({ directory, config: { segmentBytes: 50_000 }, leaderEpoch: 1 });
    expect(acknowledged).toBeGreaterThanOrEqual(2_000);
    expect(log.endOffset).toBeGreaterThan(acknowledged);
    const values = await readValues(log);
    expect(values).toEqual(Array.from({ length: log.endOffset }, (_, index) => `value-${index}`));
  });
});
