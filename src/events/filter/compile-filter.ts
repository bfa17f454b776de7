import { attributeOf, type CloudEvent } from '../cloud-event.js';
import { valueAt } from './data-path.js';
import type { AttributeCondition, DataCondition, FilterNode, TextTest } from './filter-node.js';
import { normaliseFilter } from './normalise-filter.js';
import { parseFilter } from './parse-filter.js';

/** Decides whether an event passes a filter. */
export type EventPredicate = (event: CloudEvent) => boolean;

const passes = (test: TextTest, text: string, value: string): boolean =>
  test === 'exact'
    ? text === value
    : test === 'prefix'
      ? text.startsWith(value)
      : text.endsWith(value);

const attribute = ({ test, name, value }: AttributeCondition): EventPredicate => {
  return (event) => {
    const text = attributeOf(event, name);
    return text !== undefined && passes(test, text, value);
  };
};

/** The payload is parsed at the first condition that looks into it; EventData keeps the result. */
const data = (condition: DataCondition): EventPredicate => {
  const { test, path, value: wanted } = condition;
  return (event) => {
    const found = event.data?.kind === 'json' ? valueAt(event.data.value, path) : undefined;
    if (test === 'exists') return (found !== undefined) === wanted;
    if (test === 'exact') return found === wanted;
    return typeof found === 'string' && passes(test, found, wanted);
  };
};

/** Turns a parsed filter into a predicate. */
export const predicateOf = (node: FilterNode): EventPredicate => {
  switch (node.op) {
    case 'attribute':
      return attribute(node);
    case 'data':
      return data(node);
    case 'not': {
      const inner = predicateOf(node.of);
      return (event) => !inner(event);
    }
    case 'all': {
      const parts = node.of.map(predicateOf);
      return (event) => parts.every((part) => part(event));
    }
    case 'any': {
      const parts = node.of.map(predicateOf);
      return (event) => parts.some((part) => part(event));
    }
  }
};

/**
 * Compiles a filter expression (CloudEvents Subscriptions API, and `data` for fields of a JSON
 * payload; see docs/filters.md). Null and undefined match every event.
 * @throws FilterInvalid, FilterDialectUnknown, FilterTooLarge
 */
export const compileFilter = (expression: unknown): EventPredicate =>
  expression === null || expression === undefined
    ? () => true
    : predicateOf(normaliseFilter(parseFilter(expression)));
