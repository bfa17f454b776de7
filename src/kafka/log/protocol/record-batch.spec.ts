import * as fc from 'fast-check';

import type { OutgoingRecord } from '../event-log.js';
import { batchLayout } from './batch-layout.js';
import { decodeRecords, splitBatches } from './decode-batches.js';
import { BATCH_HEADER_BYTES, encodeBatch, recordSize } from './encode-batch.js';

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const record: fc.Arbitrary<OutgoingRecord> = fc.record({
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers: fc.array(fc.record({ name: fc.string({ unit: 'grapheme' }), value: bytes }), {
    maxLength: 4,
  }),
  partitionBy: fc.constant(Buffer.alloc(0)),
});
const records = fc.array(record, { minLength: 1, maxLength: 20 });
const stamp = { producerId: 7n, producerEpoch: 2, baseSequence: 40 };
const sizeOf = (all: readonly OutgoingRecord[]): number =>
  all.reduce<number>((sum, one) => sum + recordSize(one), BATCH_HEADER_BYTES);
const encode = (all: readonly OutgoingRecord[]): Buffer =>
  encodeBatch(
    all.map((one) => ({ record: one, size: recordSize(one) })),
    stamp,
    1_700_000_000_000,
  );

describe('a record batch', () => {
  it('gives back every record that was put into it', () => {
    fc.assert(
      fc.property(records, (all) => {
        const [batch] = splitBatches(encode(all));
        const read = batch === undefined ? [] : decodeRecords(batch, 't', 3);
        expect(read.map(({ key, value, headers }) => ({ key, value, headers }))).toEqual(
          all.map(({ key, value, headers }) => ({ key, value, headers })),
        );
        expect(read.map(({ offset }) => offset)).toEqual(all.map((_, index) => index));
        expect(read.every(({ timestamp }) => timestamp === 1_700_000_000_000)).toBe(true);
      }),
    );
  });

  it('gives the same back of a record that has let go of the answer, and keeps no more than that', () => {
    fc.assert(
      fc.property(records, fc.nat(), (all, seed) => {
        const [batch] = splitBatches(encode(all));
        const read = batch === undefined ? [] : decodeRecords(batch, 't', 3);
        const one = read[seed % read.length]!;
        const { key, value, headers } = all[seed % read.length]!;
        one.detach();
        one.detach();
        batch?.records.fill(0);
        expect([one.key, one.value, one.headers]).toEqual([key, value, headers]);
      }),
    );
    const large = { key: null, value: Buffer.alloc(200_000), headers: [] };
    const small = { key: Buffer.from('k'), value: null, headers: [] };
    const partitionBy = Buffer.alloc(0);
    const [batch] = splitBatches(encode([large, small].map((one) => ({ ...one, partitionBy }))));
    const [, last] = decodeRecords(batch!, 't', 0);
    expect(last!.key!.buffer.byteLength).toBeGreaterThan(200_000);
    last!.detach();
    // Small buffers are cut from pages of Node's, of 8 KiB.
    expect(last!.key!.buffer.byteLength).toBeLessThanOrEqual(8_192);
    expect(last!.bytes).toBeLessThan(20);
  });

  it('keeps all of a record that gives too short a length', () => {
    const headers = [{ name: 'h', value: Buffer.from('header') }];
    const one = { key: Buffer.from('key'), value: Buffer.from('value'), headers };
    const [batch] = splitBatches(encode([{ ...one, partitionBy: Buffer.alloc(0) }]));
    // The length of the first record, a varint of one byte: 3 instead of what it is.
    batch!.records[0] = 6;
    const [read] = decodeRecords(batch!, 't', 0);
    read!.detach();
    expect([read!.key, read!.value, read!.headers]).toEqual([one.key, one.value, headers]);
  });

  it('never outgrows the sum of its records’ sizes', () => {
    fc.assert(
      fc.property(records, (all) => {
        expect(encode(all).length).toBeLessThanOrEqual(sizeOf(all));
      }),
    );
  });

  it('is refused when any of its bytes after the checksum changed', () => {
    fc.assert(
      fc.property(records, fc.nat(), (all, seed) => {
        const batch = Buffer.from(encode(all));
        const at = batchLayout.attributes + (seed % (batch.length - batchLayout.attributes));
        batch[at] = (batch[at] ?? 0) ^ 0x10;
        expect(() => splitBatches(batch)).toThrow(
          expect.objectContaining({ code: 'LOG.UNREADABLE' }),
        );
      }),
    );
  });

  it('is left out when the answer cuts it off', () => {
    const one = encode([
      { key: null, value: Buffer.from('a'), headers: [], partitionBy: Buffer.alloc(0) },
    ]);
    const cut = Buffer.concat([one, one.subarray(0, one.length - 1)]);
    expect(splitBatches(cut)).toHaveLength(1);
  });
});
