import * as fc from 'fast-check';

import { ChunkCache, type Chunk } from './chunk-cache.js';

const chunk = (from: number, next: number, bytes = 10): Chunk => ({
  from,
  next,
  bytes,
  records: [],
  leaderEpoch: 0,
});

describe('the chunk cache', () => {
  it('gives the chunk that holds an offset, gaps between records included', () => {
    const chunks = new ChunkCache(100).partition();
    chunks.add(chunk(0, 5));
    chunks.add(chunk(9, 12));
    expect(chunks.find(4)?.from).toBe(0);
    expect(chunks.find(5)).toBeUndefined();
    expect(chunks.find(11)?.from).toBe(9);
  });

  it('forgets what was used longest ago when it is full, over all partitions', () => {
    const cache = new ChunkCache(20);
    const [a, b] = [cache.partition(), cache.partition()];
    a.add(chunk(0, 1));
    b.add(chunk(0, 1));
    a.find(0);
    a.add(chunk(1, 2));
    expect(a.find(0)).toBeDefined();
    expect(b.find(0)).toBeUndefined();
    expect(cache.heldBytes).toBe(20);
  });

  it('counts the bytes ahead of a reader', () => {
    const chunks = new ChunkCache(1_000).partition();
    chunks.add(chunk(0, 5, 10));
    chunks.add(chunk(5, 9, 20));
    chunks.add(chunk(9, 12, 30));
    expect(chunks.bytesAfter(5)).toBe(50);
    expect(chunks.bytesAfter(12)).toBe(0);
  });

  it('never holds more than its bound and one chunk, and finds only what holds the offset', () => {
    const adds = fc.array(
      fc.record({
        part: fc.nat({ max: 2 }),
        from: fc.nat({ max: 50 }),
        length: fc.nat({ max: 9 }),
      }),
    );
    fc.assert(
      fc.property(adds, (script) => {
        const cache = new ChunkCache(50);
        const parts = [cache.partition(), cache.partition(), cache.partition()];
        for (const { part, from, length } of script) {
          parts[part]?.add(chunk(from, from + length));
          expect(cache.heldBytes).toBeLessThanOrEqual(50);
          const found = parts[part]?.find(from);
          if (length > 0) expect(found).toBeDefined();
          if (found) expect(found.from <= from && from < found.next).toBe(true);
        }
      }),
    );
  });
});
