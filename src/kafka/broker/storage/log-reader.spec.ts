import { CODEC } from '../records/compression/codec.js';
import { renewChecksum } from '../records/batches.js';
import { CorruptRecords } from '../records/records.errors.js';
import { batchOf, openLog, runtimeWith } from './testing/log-fixture.js';

/** Opens to more than a client's batch ever does. */
const bomb = (): Buffer => batchOf([`key=${'x'.repeat(67_108_864)}`], { codec: CODEC.gzip });

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
  it('is refused where it would have to be opened', async () => {
    const log = await openLog({ config: { cleanupPolicy: 'compact' } });
    await expect(log.append(bomb())).rejects.toThrow(CorruptRecords);
    expect(log.endOffset).toBe(0);
  });

  it('is not opened for a time either', async () => {
    const log = await openLog();
    const batch = bomb();
    batch.writeBigInt64BE(9_000n, 35);
    renewChecksum(batch);
    await log.append(batch);
    await expect(log.offsetForTimestamp(5_000)).rejects.toThrow(CorruptRecords);
  });
});
