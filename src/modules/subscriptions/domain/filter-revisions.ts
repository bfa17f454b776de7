import type {
  FilterRevision,
  PartitionOffsets,
} from '../../../kafka/contracts/subscriptions.contracts.js';

/** How many revisions of a filter are remembered. */
export const MAX_FILTER_REVISIONS = 32;

/** The higher offset of both per partition, so that revisions follow each other everywhere. */
function notBefore(from: PartitionOffsets, previous: PartitionOffsets): PartitionOffsets {
  const partitions = new Set([...Object.keys(previous), ...Object.keys(from)]);
  return Object.fromEntries(
    [...partitions].map((key) => [key, Math.max(from[key] ?? 0, previous[key] ?? 0)]),
  );
}

/**
 * Adds a revision. Of more than 32 the oldest is merged away: the second oldest then applies from
 * the beginning, so a reader that far behind judges those events by a later filter. Offsets that
 * were read before a concurrent change was stored are lifted to that change's.
 */
export function appendRevision(
  revisions: readonly FilterRevision[],
  added: Omit<FilterRevision, 'number'>,
): readonly FilterRevision[] {
  const newest = revisions.at(-1);
  const number = (newest?.number ?? 0) + 1;
  const all = [...revisions, { ...added, number, from: notBefore(added.from, newest?.from ?? {}) }];
  const kept = all.slice(-MAX_FILTER_REVISIONS);
  return kept.length === all.length ? all : [{ ...kept[0]!, from: {} }, ...kept.slice(1)];
}
