import { attributeOf, type CloudEvent } from '../../events/cloud-event.js';
import { indexConditionOf, type IndexCondition } from '../../events/filter/index-condition.js';
import { normaliseFilter } from '../../events/filter/normalise-filter.js';
import { parseFilter } from '../../events/filter/parse-filter.js';
import type { FilterRevision } from '../../kafka/contracts/subscriptions.contracts.js';

/** What is indexed: something with filters, of which any may still apply at some offset. */
export interface Indexed {
  readonly filters: readonly FilterRevision[];
}

/** An attribute and its values, one of which all revisions need; undefined: every event may match. */
function conditionOf(filters: readonly FilterRevision[]): IndexCondition | undefined {
  const found = filters.map(({ filter }) =>
    filter === null ? undefined : indexConditionOf(normaliseFilter(parseFilter(filter))),
  );
  const [first] = found;
  if (first === undefined || !found.every((condition) => condition?.name === first.name)) {
    return undefined;
  }
  return { name: first.name, values: found.flatMap((condition) => condition?.values ?? []) };
}

/**
 * Finds those whose filters an event may pass, without asking each of them: by the value of an
 * attribute that a filter demands. What it gives has to be judged; what it leaves out cannot match.
 * Pure.
 */
export class SubscriptionIndex<Item extends Indexed> {
  private readonly unconditional = new Set<Item>();
  private readonly byAttribute = new Map<string, Map<string, Set<Item>>>();
  private readonly conditions = new Map<Item, IndexCondition | undefined>();

  get size(): number {
    return this.conditions.size;
  }

  add(item: Item): void {
    this.delete(item);
    const condition = conditionOf(item.filters);
    this.conditions.set(item, condition);
    if (condition === undefined) this.unconditional.add(item);
    else for (const value of condition.values) this.bucket(condition.name, value).add(item);
  }

  delete(item: Item): void {
    const condition = this.conditions.get(item);
    this.conditions.delete(item);
    this.unconditional.delete(item);
    const values = this.byAttribute.get(condition?.name ?? '');
    for (const value of condition?.values ?? []) {
      const bucket = values?.get(value);
      bucket?.delete(item);
      if (bucket?.size === 0) values?.delete(value);
    }
  }

  /** Each candidate once. The event is looked at only where a filter demands an attribute. */
  *candidates(judged: { readonly event: CloudEvent }): IterableIterator<Item> {
    yield* this.unconditional;
    for (const [name, values] of this.byAttribute) {
      const value = attributeOf(judged.event, name);
      if (value !== undefined) yield* values.get(value) ?? [];
    }
  }

  private bucket(name: string, value: string): Set<Item> {
    let values = this.byAttribute.get(name);
    if (values === undefined) this.byAttribute.set(name, (values = new Map()));
    let items = values.get(value);
    if (items === undefined) values.set(value, (items = new Set()));
    return items;
  }
}
