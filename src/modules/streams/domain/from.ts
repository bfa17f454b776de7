import { FromInvalid } from './streams.errors.js';

/** Where a reader asks to begin, instead of at its committed position. */
export type From =
  | { readonly kind: 'earliest' }
  | { readonly kind: 'latest' }
  | { readonly kind: 'time'; readonly timestamp: number }
  | { readonly kind: 'offsets'; readonly offsets: ReadonlyMap<number, number> };

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;
const OFFSETS = /^offset:(\d{1,6}:\d{1,16})(,\d{1,6}:\d{1,16})*$/;
const OFFSET = /^(offset:)?(\d{1,16})$/;

const safe = (digits: string): number => {
  const value = Number(digits);
  if (!Number.isSafeInteger(value)) throw new FromInvalid('An offset is too large.');
  return value;
};

function parseOffsets(text: string): From {
  const pairs = text
    .slice('offset:'.length)
    .split(',')
    .map((pair) => pair.split(':').map(safe) as [number, number]);
  return { kind: 'offsets', offsets: new Map(pairs) };
}

/**
 * Reads `from`: `earliest`, `latest`, an RFC 3339 time, or `offset:0:42,1:17` (partition:offset).
 * @param partition when the caller named one, `from=42` is an offset of it
 * @throws FromInvalid
 */
export function parseFrom(text: string, partition?: number): From {
  if (text === 'earliest' || text === 'latest') return { kind: text };
  if (OFFSETS.test(text)) return parseOffsets(text);
  const single = OFFSET.exec(text);
  if (single !== null && partition !== undefined)
    return { kind: 'offsets', offsets: new Map([[partition, safe(single[2]!)]]) };
  // A `+` of a time zone arrives as a space where the caller did not escape it.
  const time = text.replace(' ', '+');
  if (RFC_3339.test(time) && !Number.isNaN(Date.parse(time)))
    return { kind: 'time', timestamp: Date.parse(time) };
  throw new FromInvalid(
    '`from` is earliest, latest, an RFC 3339 time, or offset:<partition>:<offset>[,…].',
  );
}
