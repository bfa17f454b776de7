import * as fc from 'fast-check';
import { CorruptRecords } from '../../records.errors.js';
import { readHuffmanTable } from './huffman.js';
import { zstdDecompress } from './zstd.js';

const BOUND = 1_000_000;
const decompressed = (base64: string): string =>
  zstdDecompress(Buffer.from(base64, 'base64'), BOUND).toString();

const EVENTS = Array.from({ length: 60 }, (_, i) => {
  const name = `user ${(i * i) % 97}`;
  return `{"id":${(i * 7919) % 1000},"type":"user.created","name":"${name}"}\n`;
}).join('');

/** What zstd 1.5.6 makes of the events: levels 3, and 19 with a checksum and a window. */
const EVENTS_3 =
  'KLUv/QBYTQoAVtErGoA56Xj6Xe9yGAaQGOeslFKmlOTGUFYkRaUDLgAhACAA59ZU8/M7kYquXrYaj1dokGIYSBCQA1Ec' +
  'jMSxCABYHAYHBEGOAgQGORQEUQiQhK6Szjj93QyLtRTJ7fi/DpFL9VZkU+Wr8Vxhy5HGGtO8AUVmKiLa5sjXeCJ5Zmp6' +
  'KzY7c02pn3iyaZWXZp/Vr7s7hQYh48yUulaT79NQlbK6I/u1Q1aPV665/e1RzRvv03eogSxWD/ufAWCjpNUBElAQQNB6' +
  'juD/b/0hXUIcC0N33vwrUvOd8M0nxufALGeet0TAXNVvaypT3xrBPPdgoyP6lcsH5dSH/vNsPeJMxvzYq49rEkQZ34Jd' +
  'sigj43IlFnyA0D1xJ/Whi9XFg+/LY+vM3Vj6nlRZffEgZvp5gzD4DcrQ0DG1KvPIvXxzyU21mJQaoCqnowo=';
const EVENTS_19 =
  'KLUv/QRoDQkAJtMuGIAttAEIBYDBbUU0gbCSNrfkWkphSBDVATEAJAAkAFjmuqa15hpdXZ7J6MRDe09JCZiUCSgKiyIo' +
  'B8SjgGgYBg2EA1IIBcGIPIpgCOWQKJL52mFS+syw5Dz1Mqto3kGytWV32XLZhnpH+4Voifayyukk0Smn51UTfRujTXa/' +
  'Kol6tZPPlLdVFVbtPn/esAbvTOdXca5kaQFUZdf01rdqttPZ2eUmzv3HxPQP55JaLDpsUqJh3e/adM1IAXaoIRRlD/uf' +
  'AZCttBkSUBBAMFuC/99+GQM08GsponycBN2MCisIw9/TgXDfuTG8vZ6qp5l2DPKj6wHrZRm2rGrLvbzJFco+SSeotMRr' +
  'imp/sqawIq3yjkLbkFSaISkBqnK6qy7BJE0=';
/** The same with three blocks. */
const BLOCKS = Array.from({ length: 300 }, (_, i) => {
  return `block of a thousand ${i % 7}${'.'.repeat(980)}`;
}).join('');
const BLOCKS_19 =
  'KLUv/QRo7AEA4GJsb2NrIG9mIGEgdGhvdXNhbmQgMC4xMjM0NTYJIJDztQ6K5GKbQ3nVla9Y+UrKr658xcqnEvZoAHo1' +
  'mkwAAAguAQD8/zkQAk0AAAguAQAIFR0IAd1P63o=';
const HELLO = 'KLUv/QBYKQAAaGVsbG8=';

describe('zstd', () => {
  it.each([
    ['nothing', 'KLUv/SAAAQAA', ''],
    ['a stored block', HELLO, 'hello'],
    ['a block of one byte', 'KLUv/QBITQAAEAAAAQDjK4AF', '\0'.repeat(1_000)],
    ['four Huffman streams and tables of sequences', EVENTS_3, EVENTS],
    ['a frame with a window', EVENTS_19, EVENTS],
    ['blocks that refer to earlier ones', BLOCKS_19, BLOCKS],
  ])('reads %s', (_name, base64, expected) => {
    expect(decompressed(base64)).toBe(expected);
  });

  it('reads frames one after the other, and skips those for others', () => {
    const hello = Buffer.from(HELLO, 'base64');
    const skipped = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    const frames = Buffer.concat([hello, skipped, hello]);
    expect(zstdDecompress(frames, BOUND).toString()).toBe('hellohello');
  });

  it('does not grow beyond its bound', () => {
    const events = Buffer.from(EVENTS_3, 'base64');
    expect(zstdDecompress(events, EVENTS.length)).toHaveLength(EVENTS.length);
    expect(() => zstdDecompress(events, EVENTS.length - 1)).toThrow(CorruptRecords);
  });

  it('refuses whatever was cut', () => {
    const events = Buffer.from(EVENTS_3, 'base64');
    for (let length = 0; length < events.length; length++) {
      expect(() => zstdDecompress(events.subarray(0, length), BOUND)).toThrow(CorruptRecords);
    }
  });

  it.each([
    ['a checksum that is cut off', '28b52ffd 24 01 09 00 00 61 010203'],
    ['a frame for others that is cut off', '502a4d18 ff000000'],
    ['a dictionary', '28b52ffd 21 07 01 09 00 00 61'],
    ['a bit that is reserved', '28b52ffd 28 01 09 00 00 61'],
    ['a block that stands for more than 128 KiB', '28b52ffd 00 58 0b0010 00'],
  ])('refuses %s', (_name, hex) => {
    const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    expect(() => zstdDecompress(bytes, BOUND)).toThrow(CorruptRecords);
  });

  it.each([
    ['no dictionary, said aloud', '28b52ffd 21 00 01 09 0000 61', 1],
    ['a block that stands for 128 KiB', '28b52ffd 00 58 030010 00', 128 * 1024],
  ])('reads %s', (_name, hex, length) => {
    const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    expect(zstdDecompress(bytes, BOUND)).toHaveLength(length);
  });

  it('knows codes of 256 symbols, and of no more', () => {
    // Two states of one bit each: the length alone says how many weights there are.
    const codeOf256 = '23103f0caecae354f023d25ffc3204a88b675dd424e5ad5933dab483f75022d4d9c6a8ea';
    const codeOf257 = '24103ffc6fb5c0c2429e0154fb8dfd30a78290f11eda4daf3b9fa8c7d44b26bd9441b0e501';
    const { table } = readHuffmanTable(Buffer.from(codeOf256, 'hex'));
    expect(Math.max(...table.symbols)).toBe(255);
    expect(() => readHuffmanTable(Buffer.from(codeOf257, 'hex'))).toThrow(CorruptRecords);
  });

  it('knows no error but damage, whatever is changed', () => {
    const events = Buffer.from(EVENTS_19, 'base64');
    const change = fc.tuple(fc.nat(events.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), (changes) => {
        const changed = Buffer.from(events);
        for (const [at, byte] of changes) changed[at] = byte;
        try {
          zstdDecompress(changed, BOUND);
        } catch (error) {
          expect(error).toBeInstanceOf(CorruptRecords);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
