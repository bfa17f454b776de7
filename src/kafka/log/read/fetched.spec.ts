import { crc32c } from '@node-rs/crc32';

import { batchAttributes, batchLayout } from '../protocol/batch-layout.js';
import { encodeBatch, recordSize } from '../protocol/encode-batch.js';
import { chunkOf } from './fetched.js';

const at = { topic: 't', partition: 0, from: 0 };

/** A batch of one record, as a broker stores it. */
function batchOf(
  key: Buffer | null,
  offset: number,
  leaderEpoch: number,
  attributes: number,
): Buffer {
  const record = { key, value: Buffer.alloc(6), headers: [], partitionBy: Buffer.alloc(0) };
  const stamp = { producerId: 1n, producerEpoch: 0, baseSequence: 0 };
  const batch = encodeBatch([{ record, size: recordSize(record) }], stamp, 1_700_000_000_000);
  batch.writeBigInt64BE(BigInt(offset), batchLayout.baseOffset);
  batch.writeInt32BE(leaderEpoch, batchLayout.partitionLeaderEpoch);
  batch.writeInt16BE(attributes, batchLayout.attributes);
  batch.writeUInt32BE(crc32c(batch.subarray(batchLayout.attributes)), batchLayout.crc);
  return batch;
}

describe('a fetched chunk', () => {
  it('has the leader epoch of its last batch, though readers do not see that one', () => {
    const { control, transactional } = batchAttributes;
    const committed = Buffer.from([0, 0, 0, 1]);
    const records = Buffer.concat([
      batchOf(null, 0, 3, transactional),
      batchOf(committed, 1, 4, control | transactional),
    ]);
    const result = { ...at, errorCode: 0, endOffset: 2, startOffset: 0, aborted: [], records };
    const chunk = chunkOf(result, at);
    expect(chunk).toMatchObject({ next: 2, leaderEpoch: 4, records: [{ offset: 0 }] });
    expect(chunk.records).toHaveLength(1);
    const nothing = chunkOf({ ...result, records: Buffer.alloc(0) }, at);
    expect(nothing).toMatchObject({ next: 0, leaderEpoch: -1, records: [] });
  });
});
