import type { PartitionOffsets } from '../../../kafka/contracts/subscriptions.contracts.js';
import { StartInvalid } from './subscription.errors.js';

/** Where a new subscription begins to read, as the caller says it. */
export type StartPosition =
  'earliest' | 'latest' | { readonly time: string } | { readonly offsets: PartitionOffsets };

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;
const PARTITION = /^(0|[1-9]\d{0,5})$/;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isOffset = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

function parseTime(time: unknown): StartPosition {
  if (typeof time !== 'string' || !RFC_3339.test(time) || Number.isNaN(Date.parse(time)))
    throw new StartInvalid('`time` must be an RFC 3339 time such as 2026-01-31T12:00:00Z.');
  return { time };
}

function parseOffsets(offsets: unknown): StartPosition {
  const valid =
    isObject(offsets) &&
    Object.entries(offsets).every(([key, value]) => PARTITION.test(key) && isOffset(value));
  if (!valid)
    throw new StartInvalid('`offsets` must name partitions and their offsets, as in {"0": 12}.');
  return { offsets: offsets as PartitionOffsets };
}

/**
 * Reads a start from untrusted JSON; left out it is `latest`.
 * @throws StartInvalid
 */
export function parseStart(value: unknown): StartPosition {
  if (value === undefined) return 'latest';
  if (value === 'earliest' || value === 'latest') return value;
  if (isObject(value) && Object.keys(value).length === 1) {
    if ('time' in value) return parseTime(value['time']);
    if ('offsets' in value) return parseOffsets(value['offsets']);
  }
  throw new StartInvalid(
    'A start is "earliest", "latest", {"time": RFC 3339} or {"offsets": {"0": 12}}.',
  );
}

/** First and end offset of a partition's log. */
export interface LogBounds {
  readonly start: number;
  readonly end: number;
}

/**
 * Concrete offsets for a start by explicit offsets; a partition that is not named starts at the
 * oldest event it holds.
 * @throws StartInvalid for a partition that the topic has not, or an offset past its end
 */
export function explicitStart(
  offsets: PartitionOffsets,
  bounds: ReadonlyMap<number, LogBounds>,
): PartitionOffsets {
  for (const [partition, offset] of Object.entries(offsets)) {
    const held = bounds.get(Number(partition));
    if (held === undefined) throw new StartInvalid(`The topic has no partition ${partition}.`);
    if (offset > held.end)
      throw new StartInvalid(
        `Partition ${partition} ends at offset ${held.end}; it cannot start at ${offset}.`,
      );
  }
  return Object.fromEntries(
    [...bounds].map(([partition, held]) => [partition, offsets[partition] ?? held.start]),
  );
}
