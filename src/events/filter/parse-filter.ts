import { isAttributeName } from '../attribute-rules.js';
import { parseDataPath } from './data-path.js';
import type { DataCondition, FilterNode, TextTest } from './filter-node.js';
import { FilterDialectUnknown, FilterInvalid, FilterTooLarge } from './filter.errors.js';

/** Bounds of one expression; far above what people write, far below what would hurt. */
export const filterLimits = { depth: 16, conditions: 512, textLength: 2048 } as const;

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

class FilterParser {
  private conditions = 0;

  /** An array is the conjunction of its expressions, as the Subscriptions API's `filters`. */
  parse(expression: unknown, where: string, depth: number): FilterNode {
    if (depth > filterLimits.depth)
      throw new FilterTooLarge(`A filter may be nested ${filterLimits.depth} deep.`, {
        path: where,
      });
    if (Array.isArray(expression)) return this.list('all', expression, where, depth);
    if (!isObject(expression)) throw invalid('A filter must be an object or an array', where);
    const [dialect, more] = Object.keys(expression);
    if (dialect === undefined || more !== undefined)
      throw invalid('An expression must name one dialect; combine several with "all"', where);
    return this.dialect(dialect, expression[dialect], `${where}/${dialect}`, depth);
  }

  private dialect(dialect: string, operand: unknown, where: string, depth: number): FilterNode {
    switch (dialect) {
      case 'exact':
      case 'prefix':
      case 'suffix':
        return this.attributes(dialect, operand, where);
      case 'data':
        return this.data(operand, where);
      case 'all':
      case 'any':
        if (!Array.isArray(operand) || operand.length === 0)
          throw invalid(`"${dialect}" takes a non-empty array of expressions`, where);
        return this.list(dialect, operand, where, depth);
      case 'not':
        return { op: 'not', of: this.parse(operand, where, depth + 1) };
      default:
        throw unknownDialect(dialect, where);
    }
  }

  private list(
    op: 'all' | 'any',
    items: readonly unknown[],
    where: string,
    depth: number,
  ): FilterNode {
    return { op, of: items.map((item, index) => this.parse(item, `${where}/${index}`, depth + 1)) };
  }

  private attributes(test: TextTest, operand: unknown, where: string): FilterNode {
    return all(
      members(operand, where).map(([name, value]) => {
        this.count(where);
        if (!isAttributeName(name))
          throw invalid(`"${name}" is no attribute; fields of the payload go under "data"`, where);
        return {
          op: 'attribute',
          test,
          name,
          value: attributeText(value, test, `${where}/${name}`),
        };
      }),
    );
  }

  private data(operand: unknown, where: string): FilterNode {
    return all(
      members(operand, where).flatMap(([test, fields]) =>
        members(fields, `${where}/${test}`).map(([path, value]) => {
          this.count(where);
          return dataCondition(test, path, value, `${where}/${test}`);
        }),
      ),
    );
  }

  private count(where: string): void {
    this.conditions += 1;
    if (this.conditions > filterLimits.conditions)
      throw new FilterTooLarge(`A filter may have ${filterLimits.conditions} conditions.`, {
        path: where,
      });
  }
}

const dataCondition = (
  test: string,
  field: string,
  value: unknown,
  where: string,
): DataCondition => {
  const path = parseDataPath(field, where);
  const at = `${where}/${field}`;
  if (test === 'prefix' || test === 'suffix')
    return { op: 'data', test, path, value: textOf(value, test, at) };
  if (test === 'exists') {
    if (typeof value !== 'boolean') throw invalid('"exists" takes true or false', at);
    return { op: 'data', test, path, value };
  }
  if (test !== 'exact') throw unknownDialect(`data/${test}`, where);
  if (value === null || typeof value === 'number' || typeof value === 'boolean')
    return { op: 'data', test, path, value };
  return { op: 'data', test, path, value: textOf(value, 'exact', at) };
};

/** Integers and booleans compare in CloudEvents' canonical string form. */
const attributeText = (value: unknown, test: TextTest, where: string): string => {
  const plain = typeof value === 'number' || typeof value === 'boolean';
  return textOf(plain && test === 'exact' ? String(value) : value, test, where);
};

const textOf = (value: unknown, test: TextTest, where: string): string => {
  if (typeof value !== 'string' || (value === '' && test !== 'exact'))
    throw invalid(
      test === 'exact' ? '"exact" takes a plain value' : `"${test}" takes a non-empty string`,
      where,
    );
  if (value.length > filterLimits.textLength)
    throw new FilterTooLarge(`A value may be ${filterLimits.textLength} characters long.`, {
      path: where,
    });
  return value;
};

const members = (operand: unknown, where: string): readonly (readonly [string, unknown])[] => {
  const entries = isObject(operand) ? Object.entries(operand) : [];
  if (entries.length === 0) throw invalid('Expected an object with at least one member', where);
  return entries;
};

const all = (of: readonly FilterNode[]): FilterNode =>
  of.length === 1 && of[0] !== undefined ? of[0] : { op: 'all', of };

const invalid = (why: string, where: string): FilterInvalid =>
  new FilterInvalid(`${why} (at "${where || '/'}").`, { path: where || '/' });

const unknownDialect = (dialect: string, where: string): FilterDialectUnknown => {
  const hint =
    dialect === 'sql'
      ? ' CloudEvents SQL is not supported: write it with exact, prefix, suffix, all, any and not.'
      : dialect.startsWith('data/')
        ? ' "data" knows exact, prefix, suffix and exists.'
        : ' Known are exact, prefix, suffix, all, any, not and data.';
  return new FilterDialectUnknown(`Unknown filter dialect "${dialect}".${hint}`, {
    path: where,
    dialect,
  });
};

/**
 * Reads a CloudEvents Subscriptions API filter: one expression, or an array of them that must all
 * match (an empty array matches everything).
 * @throws FilterInvalid, FilterDialectUnknown, FilterTooLarge
 */
export const parseFilter = (expression: unknown): FilterNode =>
  new FilterParser().parse(expression, '', 0);
