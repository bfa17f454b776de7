import { maxDecompressedBytes } from './codec.js';

const MIB = 1024 * 1024;

describe('what a batch may grow to when it is opened', () => {
  it.each([
    ['64 MiB at least', 1, 64],
    ['16 times what its topic takes', 8, 128],
    ['256 MiB at most', 100, 256],
  ])('is %s', (_name, maxMessageMib, expected) => {
    expect(maxDecompressedBytes(maxMessageMib * MIB)).toBe(expected * MIB);
  });
});
