import type { CloudEvent } from '../../../events/cloud-event.js';
import { compileFilter, type EventPredicate } from '../../../events/filter/compile-filter.js';
import type {
  FilterRevision,
  SubscriptionState,
} from '../../../kafka/contracts/subscriptions.contracts.js';

/** Decides which events a subscription gets: its tenant's, by the filter valid at their offset. */
export class SubscriptionMatcher {
  private readonly compiled = new Map<FilterRevision, EventPredicate>();

  constructor(private readonly subscription: SubscriptionState) {}

  matches(partition: number, offset: number, event: CloudEvent): boolean {
    const { tenant } = this.subscription;
    if (tenant !== null && event.tenant !== tenant) return false;
    const revision = revisionAt(this.subscription.filters, partition, offset);
    return revision === undefined || this.predicateOf(revision)(event);
  }

  private predicateOf(revision: FilterRevision): EventPredicate {
    const known = this.compiled.get(revision);
    if (known !== undefined) return known;
    const predicate = compileFilter(revision.filter);
    this.compiled.set(revision, predicate);
    return predicate;
  }
}

/** The newest revision that applies at an offset; the oldest one applies from the beginning. */
export const revisionAt = (
  revisions: readonly FilterRevision[],
  partition: number,
  offset: number,
): FilterRevision | undefined =>
  revisions.findLast(({ from }) => offset >= (from[partition] ?? 0)) ?? revisions[0];

/**
 * From which offset a partition must be judged again after a change of the filter: events may have
 * been judged by the former one before this process heard of the change.
 * @returns undefined when the filter did not change
 */
export function rejudgeFrom(
  before: SubscriptionState,
  after: SubscriptionState,
  partition: number,
): number | undefined {
  const known = new Set(before.filters.map((revision) => JSON.stringify(revision)));
  const added = after.filters.filter((revision) => !known.has(JSON.stringify(revision)));
  const offsets = added
    .filter((revision) => revision !== after.filters[0])
    .map(({ from }) => from[partition] ?? 0);
  return offsets.length === 0 ? undefined : Math.min(...offsets);
}
