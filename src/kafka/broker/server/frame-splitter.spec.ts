import * as fc from 'fast-check';
import { MalformedRequest } from '../protocol/malformed-request.js';
import { FrameSplitter } from './frame-splitter.js';

function framed(body: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}

const few = fc.integer({ min: 1, max: 30 });
/** Sizes about which pieces are kept as they are or joined. */
const around = fc.constantFrom(1_000, 2_047, 2_048, 2_049, 4_096, 20_000);
const anyBody = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc
    .tuple(around, fc.nat(255))
    .map(([length, first]) => Uint8Array.from({ length }, (_, at) => (first + at * at) % 256)),
);

describe('the frame splitter', () => {
  it('finds the same frames however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(anyBody, { maxLength: 10 }),
        fc.array(fc.oneof(few, around), { minLength: 1 }),
        (bodies, sizes) => {
          const stream = Buffer.concat(bodies.map(framed));
          const splitter = new FrameSplitter(100_000);
          const found: Buffer[] = [];
          for (let at = 0, i = 0; at < stream.length; i++) {
            const size = sizes[i % sizes.length]!;
            found.push(...splitter.push(stream.subarray(at, at + size)));
            at += size;
          }
          expect(found.map((f) => f.toString('hex'))).toEqual(
            bodies.map((b) => Buffer.from(b).toString('hex')),
          );
        },
      ),
    );
  });

  it('keeps what comes byte by byte in few pieces', () => {
    const splitter = new FrameSplitter(1_000_000);
    const stream = framed(Buffer.alloc(300_000, 7));
    for (let at = 0; at < stream.length - 1; at++) splitter.push(stream.subarray(at, at + 1));
    expect(splitter.pieces).toBeLessThan(300);
    expect(splitter.push(stream.subarray(-1))).toEqual([stream.subarray(4)]);
  });

  it.each(['7fffffff', 'ffffffff', '000003e9'])('refuses a frame of length 0x%s', (length) => {
    const splitter = new FrameSplitter(1000);
    const good = Buffer.from('good');
    expect(splitter.push(Buffer.concat([framed(good), Buffer.from(length, 'hex')]))).toEqual([
      good,
    ]);
    expect(splitter.failure).toBeInstanceOf(MalformedRequest);
    expect(splitter.push(framed(good))).toEqual([]);
    expect(splitter.bufferedBytes).toBe(0);
  });
});
