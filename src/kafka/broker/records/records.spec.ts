import * as fc from 'fast-check';
import { codecOf, parseBatchHeader } from './batch-header.js';
import {
  batchesIn,
  placeBatch,
  stampLogAppendTime,
  validateBatches,
  type BatchView,
} from './batches.js';
import { encodeEndMarker, parseEndMarker } from './control-batch.js';
import { encodeBatch } from './encode-batch.js';
import { filterBatch } from './filter-batch.js';
import { recordBytes, recordsOf } from './records.js';
import { RecordsError } from './records.errors.js';
import { VarintReader, VarintWriter } from './varint.js';
import { MAX_DECOMPRESSED_BYTES } from './compression/codec.js';
import { lz4Decompress } from './compression/lz4.js';
import { snappyDecompress } from './compression/snappy.js';

const bytes = fc.uint8Array({ maxLength: 40 }).map((value) => Buffer.from(value));
const nullable = fc.option(bytes);
const record = fc.record({
  key: nullable,
  value: nullable,
  headers: fc.array(
    fc.record({ name: fc.string({ unit: 'grapheme', maxLength: 5 }), value: nullable }),
    { maxLength: 3 },
  ),
  timestamp: fc.integer({ min: 0, max: 2 ** 48 }),
});
const opened = ({ header, bytes: batch }: BatchView): Buffer =>
  recordBytes(header, batch, MAX_DECOMPRESSED_BYTES);
const records = fc.array(record, { minLength: 1, maxLength: 20 });
const options = fc.record({
  baseOffset: fc.integer({ min: 0, max: 2 ** 50 }),
  leaderEpoch: fc.nat(),
  codec: fc.constantFrom(0, 1),
  producerId: fc.integer({ min: -1, max: 2 ** 50 }),
  producerEpoch: fc.nat({ max: 32767 }),
  baseSequence: fc.nat(),
  transactional: fc.boolean(),
});

describe('the record batch codec', () => {
  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(records, options, (written, header) => {
        const batch = encodeBatch(written, header);
        expect(validateBatches(batch).length).toBe(1);
        expect(parseBatchHeader(batch)).toMatchObject({
          baseOffset: header.baseOffset,
          leaderEpoch: header.leaderEpoch,
          producerId: header.producerId,
          baseSequence: header.baseSequence,
          maxTimestamp: Math.max(...written.map(({ timestamp }) => timestamp)),
        });
        const read = [...recordsOf(batch)].map(({ offset, ...rest }, index) => {
          expect(offset).toBe(header.baseOffset + index);
          return rest;
        });
        expect(read).toEqual(written);
      }),
    );
  });

  it('detects any flipped bit outside what the broker itself sets', () => {
    fc.assert(
      fc.property(records, fc.nat(), fc.integer({ min: 0, max: 7 }), (written, where, bit) => {
        const batch = encodeBatch(written);
        const checked = [
          8,
          9,
          10,
          11,
          ...Array.from({ length: batch.length - 16 }, (_, index) => 16 + index),
        ];
        batch[checked[where % checked.length]!]! ^= 1 << bit;
        expect(isRefused(batch)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps the checksum when a batch gets its place, and renews it with the time', () => {
    const batch = encodeBatch([{ key: null, value: Buffer.from('a'), timestamp: 5 }]);
    placeBatch(batch, 2 ** 40, 7);
    stampLogAppendTime(batch, 99);
    expect(validateBatches(batch)[0]!.header).toMatchObject({
      baseOffset: 2 ** 40,
      leaderEpoch: 7,
      maxTimestamp: 99,
    });
    expect([...recordsOf(batch)][0]!.timestamp).toBe(99);
  });

  it('leaves a partial batch at the end out and refuses it in an append', () => {
    const batch = encodeBatch([{ key: null, value: Buffer.from('a'), timestamp: 5 }]);
    const cut = Buffer.concat([batch, batch.subarray(0, 40)]);
    expect([...batchesIn(cut)].length).toBe(1);
    expect(isRefused(cut)).toBe(true);
  });

  it('takes records out of a batch without moving the others', async () => {
    await fc.assert(
      fc.asyncProperty(records, options, fc.func(fc.boolean()), async (written, header, chosen) => {
        const [batch] = validateBatches(encodeBatch(written, header));
        const keep = ({ offset }: { offset: number }) => chosen(offset - header.baseOffset);
        const expected = [...recordsOf(batch!.bytes)].filter(keep);
        const filtered = await filterBatch(batch!, opened(batch!), keep);
        expect(filtered === undefined ? [] : [...recordsOf(filtered)]).toEqual(expected);
        if (filtered !== undefined) {
          expect(parseBatchHeader(filtered)).toMatchObject({
            baseOffset: header.baseOffset,
            lastOffsetDelta: written.length - 1,
            baseSequence: header.baseSequence,
            maxTimestamp: Math.max(...expected.map(({ timestamp }) => timestamp)),
          });
        }
      }),
    );
  });

  it('takes one record out of very many', async () => {
    const many = Array.from({ length: 200_000 }, (_, at) => ({
      key: Buffer.from(`${at}`),
      value: null,
      timestamp: 1,
    }));
    const [batch] = batchesIn(encodeBatch(many));
    const filtered = await filterBatch(batch!, opened(batch!), ({ offset }) => offset > 0);
    expect(parseBatchHeader(filtered!)).toMatchObject({ recordCount: 199_999, maxTimestamp: 1 });
  });

  it.each([
    ['no codec', 0, 0],
    ['gzip', 1, 1],
    ['snappy', 2, 1],
    ['lz4', 3, 1],
    ['zstd', 4, 1],
  ])('writes what is left of a batch with %s compressed, if it was', async (_name, from, to) => {
    const [plain] = batchesIn(
      encodeBatch(['a', 'b'].map((key) => ({ key: Buffer.from(key), value: null, timestamp: 1 }))),
    );
    const batch = { ...plain!, header: { ...plain!.header, attributes: from } };
    const left = await filterBatch(batch, opened(plain!), ({ offset }) => offset > 0);
    expect(codecOf(parseBatchHeader(left!))).toBe(to);
    expect([...recordsOf(left!)].map(({ key }) => String(key))).toEqual(['b']);
  });

  it('reads the markers that it writes', () => {
    for (const outcome of ['commit', 'abort'] as const) {
      const batch = encodeEndMarker(
        { outcome, coordinatorEpoch: 4 },
        { producerId: 1, producerEpoch: 2, timestamp: 3 },
      );
      expect(parseEndMarker(batch)).toEqual({ outcome, coordinatorEpoch: 4 });
      expect(validateBatches(batch).length).toBe(1);
    }
  });

  it('never answers garbage records with anything but its own errors', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom(0, 1, 2, 3, 4, 5),
        (garbage, codec) => {
          const head = encodeBatch([{ key: null, value: null, timestamp: 0 }]).subarray(0, 61);
          const batch = Buffer.concat([head, garbage]);
          batch.writeInt16BE(codec, 21);
          try {
            expect([...recordsOf(batch)].length).toBe(1);
          } catch (error) {
            expect(error).toBeInstanceOf(RecordsError);
          }
        },
      ),
    );
  });
});

describe('varints', () => {
  it('are the same after writing and reading, up to 2^53', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer(), (long, int) => {
        const writer = new VarintWriter();
        writer.varlong(long);
        writer.varint(int);
        const reader = new VarintReader(writer.finish());
        expect([reader.varlong(), reader.varint(), reader.remaining]).toEqual([long, int, 0]);
      }),
    );
  });
});

describe('other codecs', () => {
  it('reads snappy, raw and in xerial framing', () => {
    // "abcd" as a literal, then 8 bytes copied from 4 back.
    const raw = Buffer.from([12, 3 << 2, 0x61, 0x62, 0x63, 0x64, ((8 - 4) << 2) | 1, 4]);
    expect(snappyDecompress(raw, 1_000).toString()).toBe('abcdabcdabcd');
    const length = Buffer.alloc(4);
    length.writeInt32BE(raw.length);
    const header = Buffer.from([
      0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1,
    ]);
    const framed = Buffer.concat([header, length, raw, length, raw]);
    expect(snappyDecompress(framed, 1_000).toString()).toBe('abcdabcdabcd'.repeat(2));
  });

  it('reads an lz4 frame with a compressed and a stored block', () => {
    // Token: 4 literals, match of 4 + 4; the last sequence has literals only.
    const block = Buffer.from([0x44, 0x61, 0x62, 0x63, 0x64, 4, 0, 0x10, 0x21]);
    const size = (value: number): Buffer => {
      const word = Buffer.alloc(4);
      word.writeUInt32LE(value >>> 0);
      return word;
    };
    const frame = Buffer.concat([
      size(0x184d2204),
      Buffer.from([0x60, 0x40, 0x82]),
      size(block.length),
      block,
      size(0x80000003),
      Buffer.from('xyz'),
      size(0),
    ]);
    expect(lz4Decompress(frame, 1_000).toString()).toBe('abcdabcdabcd!xyz');
  });
});

function isRefused(batch: Buffer): boolean {
  try {
    validateBatches(batch);
    return false;
  } catch (error) {
    return error instanceof RecordsError;
  }
}
