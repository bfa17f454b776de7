import type { FilterNode } from './filter-node.js';

const costOf = (node: FilterNode): number => {
  switch (node.op) {
    case 'attribute':
      return 1;
    case 'data':
      return 100;
    case 'not':
      return costOf(node.of);
    default:
      return node.of.reduce((sum, part) => sum + costOf(part), 0);
  }
};

const join = (op: 'all' | 'any', parts: readonly FilterNode[]): FilterNode => {
  const flat = parts.flatMap((part) => (part.op === op ? part.of : [part]));
  const unique = new Map(flat.map((part) => [JSON.stringify(part), part]));
  const [only, ...more] = [...unique.values()].sort((a, b) => costOf(a) - costOf(b));
  return only !== undefined && more.length === 0
    ? only
    : { op, of: only === undefined ? [] : [only, ...more] };
};

/**
 * An equal filter in a standard form: `not` only before conditions (De Morgan), no `all` in an
 * `all` nor `any` in an `any`, no repeats, conditions on attributes before those that parse data.
 */
export const normaliseFilter = (node: FilterNode, negated = false): FilterNode => {
  switch (node.op) {
    case 'not':
      return normaliseFilter(node.of, !negated);
    case 'all':
    case 'any':
      return join(
        (node.op === 'all') === negated ? 'any' : 'all',
        node.of.map((part) => normaliseFilter(part, negated)),
      );
    default:
      return negated ? { op: 'not', of: node } : node;
  }
};
