import type { Fields } from '../../../src/kafka/broker/protocol/field.js';

/** What requests are made of: names that exist, whole batches. */
export interface Material {
  readonly names: readonly string[];
  readonly records: Buffer;
}

const NUMBERS: Readonly<Record<string, readonly number[]>> = {
  int8: [0, 1, 2, -1],
  int16: [0, 1, -1],
  uint16: [0, 1],
  int32: [0, 1, 2, -1, 6000],
  int64: [0, 1, -1, -2],
  float64: [0, 1],
};

/** A request by the grammar, its values chosen at random among sensible ones. */
export function sensibleRequest(
  fields: Fields,
  material: Material,
  random: () => number,
): Record<string, unknown> {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const valueOf = (type: string, inner: Fields | undefined): unknown => {
    if (type.startsWith('[]')) {
      const length = Math.floor(random() * 3);
      return Array.from({ length }, () => valueOf(type.slice(2), inner));
    }
    if (type === 'struct') return sensibleRequest(inner!, material, random);
    if (type === 'string') return pick(material.names);
    if (type === 'bool') return random() < 0.5;
    if (type === 'uuid') return '0'.repeat(32);
    if (type === 'bytes') return material.records;
    if (type === 'records') return [material.records];
    return pick(NUMBERS[type]!);
  };
  return Object.fromEntries(
    Object.entries(fields).map(([name, { type }]) => [name, valueOf(type.name, type.fields)]),
  );
}

const EXTREMES = [0, 1, 0x7f, 0x80, 0xff];

/** The frame with some bytes changed, cut out or put in; its length mostly tells the truth. */
export function mutated(frame: Buffer, random: () => number): Buffer {
  let bytes = Buffer.from(frame);
  const below = (max: number): number => Math.floor(random() * max);
  for (let changes = 1 + below(4); changes > 0; changes--) {
    // What comes first is the header; past it is where the grammar is.
    const at = random() < 0.9 ? 8 + below(Math.max(1, bytes.length - 8)) : 4 + below(4);
    const kind = below(5);
    if (at >= bytes.length) break;
    if (kind === 0) bytes[at]! ^= 1 << below(8);
    else if (kind === 1) bytes[at] = EXTREMES[below(EXTREMES.length)]!;
    else if (kind === 2)
      bytes.fill(EXTREMES[below(EXTREMES.length)]!, at, Math.min(at + 4, bytes.length));
    else if (kind === 3) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
    else
      bytes = Buffer.concat([
        bytes.subarray(0, at),
        frame.subarray(8, 8 + below(20)),
        bytes.subarray(at),
      ]);
  }
  bytes.writeInt32BE(random() < 0.95 ? bytes.length - 4 : below(2 ** 31), 0);
  return bytes;
}
