import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeEndMarker } from '../records/control-batch.js';
import { crc32c } from '../records/crc32c.js';
import { batchOf, openLog, readValues, temporaryDirectory } from './testing/log-fixture.js';

/** What version 2 kept in the checkpoint itself is in a file beside it since. */
function toVersion2(directory: string, aborted: readonly unknown[]): void {
  const path = join(directory, 'checkpoint');
  const stored = JSON.parse(readFileSync(path).subarray(9).toString()) as object;
  const body = Buffer.from(JSON.stringify({ ...stored, version: 2, aborted }));
  const sum = crc32c(body).toString(16).padStart(8, '0');
  writeFileSync(path, Buffer.concat([Buffer.from(`${sum}\n`), body]));
}

describe('a log with a checkpoint of version 2', () => {
  it('begins where it began, and knows its producers and aborted transactions', async () => {
    const directory = temporaryDirectory();
    const log = await openLog({ directory });
    const producer = { producerId: 1, producerEpoch: 0 };
    await log.append(batchOf(['gone'], { ...producer, baseSequence: 0 }));
    for (const producerId of [7, 8]) {
      const transaction = { producerId, producerEpoch: 0, baseSequence: 0, transactional: true };
      await log.append(batchOf(['never'], transaction));
    }
    for (const producerId of [8, 7]) {
      const marker = { producerId, producerEpoch: 0, timestamp: 1 };
      await log.append(encodeEndMarker({ outcome: 'abort', coordinatorEpoch: 0 }, marker), {
        origin: 'coordinator',
      });
    }
    await log.append(batchOf(['last'], { ...producer, baseSequence: 1 }));
    await log.deleteRecordsBefore(1);
    const { abortedTransactions } = await log.readCommitted(1, 10_000);
    expect(abortedTransactions).toHaveLength(2);
    await log.close();
    toVersion2(directory, abortedTransactions);
    for (const leaderEpoch of [1, 2]) {
      const again = await openLog({ directory, leaderEpoch });
      expect(again.startOffset).toBe(1);
      expect(await readValues(again, 5)).toEqual(['last']);
      expect((await again.readCommitted(1, 10_000)).abortedTransactions).toEqual(
        abortedTransactions,
      );
      const repeated = batchOf(['gone'], { ...producer, baseSequence: 0 });
      expect(await again.append(repeated)).toMatchObject({ duplicate: true, baseOffset: 0 });
      await again.close();
    }
  });
});
