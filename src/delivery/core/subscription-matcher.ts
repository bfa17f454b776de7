import type { CloudEvent } from '../../events/cloud-event.js';
import { compileFilter, type EventPredicate } from '../../events/filter/compile-filter.js';
import type {
  FilterRevision,
  SubscriptionState,
} from '../../kafka/contracts/subscriptions.contracts.js';
import type { JudgedPosition } from './position.js';

/** An event where it was read; it is looked at only where a tenant or a filter is asked for. */
export interface JudgedEvent {
  readonly partition: number;
  readonly offset: number;
  readonly event: CloudEvent;
}

/** Decides which events a subscription gets: its tenant's, by the filter valid at their offset. */
export class SubscriptionMatcher {
  private readonly compiled = new Map<FilterRevision, EventPredicate>();

  constructor(private readonly subscription: SubscriptionState) {}

  /**
   * Judges an event by its place. Offsets of the revisions belong to the topic as it was when the
   * subscription was made; in one that was made again since, the newest filter applies.
   * @param topicId Kafka's id of the topic that it was read from
   */
  matches(topicId: string, judged: JudgedEvent): boolean {
    const { tenant, filters, kafkaTopicId } = this.subscription;
    if (tenant !== null && judged.event.tenant !== tenant) return false;
    const { partition, offset } = judged;
    const revision =
      topicId === kafkaTopicId ? revisionAt(filters, partition, offset) : filters.at(-1);
    if (revision === undefined || revision.filter === null) return true;
    return this.predicateOf(revision)(judged.event);
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

/** Number of a subscription's newest filter. */
export const newestRevision = ({ filters }: SubscriptionState): number =>
  filters.at(-1)?.number ?? 0;

/**
 * Where to go on behind a position whose events were judged by an older filter, as happens while a
 * process has not heard of a change: not behind what newer filters apply to, so that nothing which
 * they let through is missed.
 * @returns an offset, at most that of the position
 */
export function rejudgedOffset(
  { filters, kafkaTopicId }: SubscriptionState,
  partition: number,
  { topicId, offset, filterRevision }: JudgedPosition,
): number {
  if (topicId !== kafkaTopicId) return offset;
  const newer = filters.slice(1).filter(({ number }) => number > filterRevision);
  return Math.min(offset, ...newer.map(({ from }) => from[partition] ?? 0));
}
