/** Kafka's variable-length integers (zigzag, as in record format v2), for values of 32 bits. */

/** Bytes that `value` takes as a zigzag varint. */
export const sizeOfVarint = (value: number): number => {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  let size = 1;
  while (rest >= 0x80) {
    rest >>>= 7;
    size += 1;
  }
  return size;
};

/** Writes `value` at `at`; returns the position after it. */
export const writeVarint = (target: Buffer, value: number, at: number): number => {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  let position = at;
  while (rest >= 0x80) {
    target[position++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  target[position++] = rest;
  return position;
};
