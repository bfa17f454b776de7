import { batchesIn, type BatchView } from '../records/batches.js';
import { TailCache } from './tail-cache.js';
import { batchOf } from './testing/log-fixture.js';

/** A batch of one small record that lies in a network buffer of so many bytes. */
function batchIn(bufferBytes: number, baseOffset: number): BatchView {
  const bytes = batchOf(['x']);
  bytes.writeBigInt64BE(BigInt(baseOffset));
  const network = Buffer.from(new ArrayBuffer(bufferBytes));
  bytes.copy(network, 100);
  const [batch] = batchesIn(network.subarray(100, 100 + bytes.length));
  return batch!;
}

describe('the cache of recent batches', () => {
  it.each([500, 4_000, 65_536])('keeps no network buffer of %i bytes for a small batch', (size) => {
    const tail = new TailCache(10_000).tail();
    const batch = batchIn(size, 0);
    tail.push(batch);
    const cached = tail.read(0, 1, 1_000, true)!;
    expect(cached.equals(batch.bytes)).toBe(true);
    expect(cached.buffer).not.toBe(batch.bytes.buffer);
  });

  it('counts what a small batch takes beside its bytes', () => {
    const tail = new TailCache(100_000).tail();
    for (let offset = 0; offset < 1_000; offset++) tail.push(batchIn(200, offset));
    expect(tail.read(1_000 - 400, 1_000, 1_000, true)).toBeUndefined();
    expect(tail.read(1_000 - 200, 1_000, 1_000, true)).toBeDefined();
  });
});
