import type { DataPath } from './filter-node.js';
import { FilterInvalid } from './filter.errors.js';

const badEscape = /~(?![01])/;

/**
 * Reads a path into a payload: `repository.full_name` and `commits.0.id` by dots, or a JSON
 * Pointer (RFC 6901), which starts with `/`, for names that hold dots.
 * @throws FilterInvalid
 */
export const parseDataPath = (text: string, where: string): DataPath => {
  const invalid = (why: string): FilterInvalid =>
    new FilterInvalid(`"${text}" is no path into the data: ${why}.`, { path: where });
  if (text === '') throw invalid('it is empty');
  if (text.startsWith('/')) {
    if (badEscape.test(text)) throw invalid('"~" must be written "~0", "/" in a name "~1"');
    return text
      .slice(1)
      .split('/')
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  }
  const steps = text.split('.');
  if (steps.includes('')) throw invalid('a step between two dots is empty');
  return steps;
};

const arrayIndex = /^(?:0|[1-9]\d{0,9})$/;

const step = (value: unknown, name: string): unknown => {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return arrayIndex.test(name) ? (value as unknown[])[+name] : undefined;
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
};

/** The value at a path of parsed JSON; undefined where it leads nowhere. */
export const valueAt = (root: unknown, path: DataPath): unknown => {
  let value = root;
  for (const name of path) {
    value = step(value, name);
    if (value === undefined) return undefined;
  }
  return value;
};
