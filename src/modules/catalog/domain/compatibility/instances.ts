import { jsonEqual } from '../json-equal.js';
import type { SchemaObject } from './keywords.js';

/** JSON Schema's types, `number` without the integers' own name. */
export const jsonTypes = ['null', 'boolean', 'object', 'array', 'number', 'string'] as const;

/** What `type` allows. `integer` is kept apart from `number`, which includes it. */
export const typesOf = (schema: SchemaObject): ReadonlySet<string> => {
  const { type } = schema;
  if (typeof type === 'string') return new Set([type]);
  return new Set(Array.isArray(type) ? (type as string[]) : jsonTypes);
};

/** The only documents that a schema can allow, where `enum`, `const` or its types list them. */
export const finiteValues = (schema: SchemaObject): readonly unknown[] | undefined => {
  if (Object.hasOwn(schema, 'const')) return [schema['const']];
  if (Array.isArray(schema['enum'])) return schema['enum'] as unknown[];
  const types = [...typesOf(schema)];
  if (!types.every((type) => type === 'null' || type === 'boolean')) return undefined;
  return types.flatMap((type): unknown[] => (type === 'null' ? [null] : [true, false]));
};

/** Whether `enum` and `const` allow a value; true where neither is there. */
export const isListed = (schema: SchemaObject, value: unknown): boolean => {
  if (Object.hasOwn(schema, 'const') && !jsonEqual(schema['const'], value)) return false;
  const { enum: values } = schema;
  return !Array.isArray(values) || values.some((listed) => jsonEqual(listed, value));
};
