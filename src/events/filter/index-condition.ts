import type { FilterNode } from './filter-node.js';

/** Necessary for a match: the attribute has one of these values. */
export interface IndexCondition {
  readonly name: string;
  readonly values: readonly string[];
}

const best = (found: readonly (IndexCondition | undefined)[]): IndexCondition | undefined =>
  found
    .filter((condition) => condition !== undefined)
    .sort((a, b) => a.values.length - b.values.length)[0];

const union = (found: readonly (IndexCondition | undefined)[]): IndexCondition | undefined => {
  const [first] = found;
  if (first === undefined || !found.every((condition) => condition?.name === first.name))
    return undefined;
  return {
    name: first.name,
    values: [...new Set(found.flatMap((condition) => condition?.values ?? []))],
  };
};

/**
 * The narrowest condition of a normalised filter by which an index can find it: events whose
 * attribute has none of the values cannot match, the others still have to be judged. Undefined
 * when the filter has no such condition and must be judged for every event.
 */
export const indexConditionOf = (node: FilterNode): IndexCondition | undefined => {
  switch (node.op) {
    case 'attribute':
      return node.test === 'exact' ? { name: node.name, values: [node.value] } : undefined;
    case 'all':
      return best(node.of.map(indexConditionOf));
    case 'any':
      return union(node.of.map(indexConditionOf));
    default:
      return undefined;
  }
};
