import type { FilterRevision } from '../../../kafka/contracts/subscriptions.contracts.js';

/** How many revisions of a filter are remembered. */
export const MAX_FILTER_REVISIONS = 32;

/**
 * Adds a revision. Of more than 32 the oldest is merged away: the second oldest then applies from
 * the beginning, so a reader that far behind judges those events by a later filter.
 */
export function appendRevision(
  revisions: readonly FilterRevision[],
  added: FilterRevision,
): readonly FilterRevision[] {
  const all = [...revisions, added];
  const kept = all.slice(-MAX_FILTER_REVISIONS);
  return kept.length === all.length ? all : [{ ...kept[0]!, from: {} }, ...kept.slice(1)];
}
