import { batchAttributes } from './batch-layout.js';
import type { RawBatch } from './decode-batches.js';
import { splitBatches } from './decode-batches.js';
import { encodeBatch, recordSize } from './encode-batch.js';
import { committedRecords } from './read-committed.js';

const batchOf = (
  producerId: bigint,
  baseOffset: number,
  attributes: number,
  key: Buffer,
): RawBatch => {
  const record = { key, value: Buffer.from('v'), headers: [], partitionBy: key };
  const bytes = encodeBatch(
    [{ record, size: recordSize(record) }],
    { producerId, producerEpoch: 0, baseSequence: 0 },
    1,
  );
  const [raw] = splitBatches(bytes);
  if (raw === undefined) throw new Error('no batch');
  return { ...raw, baseOffset, lastOffset: baseOffset, attributes };
};

const data = (producer: bigint, offset: number, transactional = true): RawBatch =>
  batchOf(producer, offset, transactional ? batchAttributes.transactional : 0, Buffer.from('k'));
const marker = (producer: bigint, offset: number, type: 'abort' | 'commit'): RawBatch =>
  batchOf(
    producer,
    offset,
    batchAttributes.transactional | batchAttributes.control,
    Buffer.from([0, 0, 0, type === 'abort' ? 0 : 1]),
  );

const offsetsOf = (
  batches: readonly RawBatch[],
  aborted: readonly { producerId: bigint; firstOffset: number }[],
  from = 0,
): number[] =>
  committedRecords(batches, aborted, { topic: 't', partition: 0, from }).map((r) => r.offset);

describe('committed records', () => {
  it('leave out an aborted transaction and its marker, and keep what follows of that producer', () => {
    const batches = [data(1n, 0), data(2n, 1), marker(1n, 2, 'abort'), data(1n, 3)];
    expect(offsetsOf(batches, [{ producerId: 1n, firstOffset: 0 }])).toEqual([1, 3]);
  });

  it('keep a producer’s committed transaction before one that it aborted', () => {
    const batches = [
      data(1n, 0),
      marker(1n, 1, 'commit'),
      data(1n, 2),
      marker(1n, 3, 'abort'),
      data(1n, 4, false),
    ];
    expect(offsetsOf(batches, [{ producerId: 1n, firstOffset: 2 }])).toEqual([0, 4]);
  });

  it('keep what an aborting producer wrote outside of transactions', () => {
    expect(offsetsOf([data(1n, 0, false)], [{ producerId: 1n, firstOffset: 0 }])).toEqual([0]);
  });

  it('begin where the reader is, though the batch begins before', () => {
    expect(offsetsOf([data(1n, 4), data(1n, 5)], [], 5)).toEqual([5]);
  });
});
