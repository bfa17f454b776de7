const SEED = 0x9747b28c;
const MULTIPLIER = 0x5bd1e995;

const mix = (block: number): number => {
  const scaled = Math.imul(block, MULTIPLIER);
  return Math.imul(scaled ^ (scaled >>> 24), MULTIPLIER);
};

/** The bytes after the last whole block of four, little-endian. */
const tail = (data: Buffer, at: number): number => {
  let rest = 0;
  for (let index = data.length - 1; index >= at; index -= 1)
    rest = (rest << 8) | (data[index] ?? 0);
  return rest;
};

/** Murmur2 as Kafka's Java client computes it (`Utils.murmur2`): a signed 32-bit number. */
export const murmur2 = (data: Buffer): number => {
  const blocks = data.length & ~3;
  let hash = SEED ^ data.length;
  for (let at = 0; at < blocks; at += 4) {
    hash = Math.imul(hash, MULTIPLIER) ^ mix(data.readInt32LE(at));
  }
  if (blocks < data.length) hash = Math.imul(hash ^ tail(data, blocks), MULTIPLIER);
  hash = Math.imul(hash ^ (hash >>> 13), MULTIPLIER);
  return (hash ^ (hash >>> 15)) | 0;
};

/** The partition that Kafka's default partitioner chooses for a record with these key bytes. */
export const partitionFor = (data: Buffer, partitions: number): number =>
  (murmur2(data) & 0x7fffffff) % partitions;
