import { jsonEqual } from '../json-equal.js';
import type { SchemaObject } from './keywords.js';

/** Keywords of one kind of document, each with the reason why sub goes beyond sup, if it does. */
export type Comparison = (sub: SchemaObject, sup: SchemaObject) => readonly string[];

const number = (schema: SchemaObject, keyword: string, otherwise: number): number => {
  const value = schema[keyword];
  return typeof value === 'number' ? value : otherwise;
};

const atLeast =
  (keyword: string): Comparison =>
  (sub, sup) =>
    number(sub, keyword, 0) < number(sup, keyword, 0) ? [keyword] : [];

const atMost =
  (keyword: string): Comparison =>
  (sub, sup) =>
    number(sub, keyword, Infinity) > number(sup, keyword, Infinity) ? [keyword] : [];

/** A keyword that is compared by being the same. */
const same =
  (keyword: string): Comparison =>
  (sub, sup) =>
    sup[keyword] === undefined || jsonEqual(sub[keyword], sup[keyword]) ? [] : [keyword];

/** Lower bound of numbers: the value, and whether it is itself excluded. */
const lower = (schema: SchemaObject): readonly [number, boolean] => {
  const inclusive = number(schema, 'minimum', -Infinity);
  const exclusive = number(schema, 'exclusiveMinimum', -Infinity);
  return exclusive >= inclusive && exclusive > -Infinity ? [exclusive, true] : [inclusive, false];
};

const negated = (schema: SchemaObject): SchemaObject => ({
  ...(typeof schema['maximum'] === 'number' ? { minimum: -schema['maximum'] } : {}),
  ...(typeof schema['exclusiveMaximum'] === 'number'
    ? { exclusiveMinimum: -schema['exclusiveMaximum'] }
    : {}),
});

const lowerFits = (sub: SchemaObject, sup: SchemaObject): boolean => {
  const [subValue, subExcluded] = lower(sub);
  const [supValue, supExcluded] = lower(sup);
  return subValue > supValue || (subValue === supValue && (subExcluded || !supExcluded));
};

const multiples: Comparison = (sub, sup) => {
  const [inner, outer] = [sub['multipleOf'], sup['multipleOf']];
  if (outer === undefined || inner === outer) return [];
  const decided = Number.isInteger(inner) && Number.isInteger(outer);
  return decided && Number(inner) % Number(outer) === 0 ? [] : ['multipleOf'];
};

const all =
  (...comparisons: readonly Comparison[]): Comparison =>
  (sub, sup) =>
    comparisons.flatMap((compare) => compare(sub, sup));

/** Numbers: bounds and multiples. */
export const compareNumbers = all(
  (sub, sup) => (lowerFits(sub, sup) ? [] : ['minimum']),
  (sub, sup) => (lowerFits(negated(sub), negated(sup)) ? [] : ['maximum']),
  multiples,
);

/** Strings: lengths; patterns are compared by being the same. */
export const compareStrings = all(atLeast('minLength'), atMost('maxLength'), same('pattern'));

/** Arrays: their size; their items are schemas. */
export const compareArrays = all(atLeast('minItems'), atMost('maxItems'), (sub, sup) =>
  sup['uniqueItems'] === true && sub['uniqueItems'] !== true ? ['uniqueItems'] : [],
);

/** Names that `required` lists. */
export const requiredOf = (schema: SchemaObject): readonly string[] =>
  Array.isArray(schema['required']) ? (schema['required'] as string[]) : [];

/** Required members count towards the size. */
const leastMembers = (schema: SchemaObject): number =>
  Math.max(number(schema, 'minProperties', 0), new Set(requiredOf(schema)).size);

/** Objects: their size and required members; their members are schemas. */
export const compareObjects = all(
  (sub, sup) =>
    requiredOf(sup)
      .filter((name) => !requiredOf(sub).includes(name))
      .map((name) => `required/${name}`),
  (sub, sup) => (leastMembers(sub) < number(sup, 'minProperties', 0) ? ['minProperties'] : []),
  atMost('maxProperties'),
);

/** `format` may bind documents of several types. */
export const compareFormats = same('format');
