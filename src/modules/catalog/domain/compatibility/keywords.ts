import type { JsonSchema } from '../event-schema.js';

/** A schema as an object; `true` is `{}`. */
export type SchemaObject = Readonly<Record<string, unknown>>;

/** Keywords for which inclusion is decided. */
export const decidedKeywords = [
  'type',
  'enum',
  'const',
  'properties',
  'required',
  'additionalProperties',
  'minProperties',
  'maxProperties',
  'items',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minLength',
  'maxLength',
  'pattern',
  'format',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
] as const;

/** Keywords that say nothing about which documents fit. */
export const annotations = [
  '$schema',
  '$id',
  '$comment',
  '$defs',
  'definitions',
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  'contentEncoding',
  'contentMediaType',
] as const;

const known: ReadonlySet<string> = new Set([...decidedKeywords, ...annotations]);

/** A keyword, and where it stands, that stops a judgement. */
export interface UndecidedKeyword {
  readonly keyword: string;
  /** JSON Pointer of the schema that uses it. */
  readonly path: string;
}

const isObject = (value: unknown): value is SchemaObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const pointer = (...steps: readonly string[]): string =>
  steps.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** Subschemas that inclusion looks into, each with its place. */
const childrenOf = (schema: SchemaObject): readonly (readonly [string, unknown])[] => {
  const { properties, additionalProperties, items } = schema;
  return [
    ...(isObject(properties)
      ? Object.entries(properties).map(
          ([name, child]) => [pointer('properties', name), child] as const,
        )
      : []),
    ['/additionalProperties', additionalProperties],
    ['/items', items],
  ];
};

/** The first keyword for which inclusion is not decided; draft-07's list of `items` is one too. */
export const firstUndecided = (schema: JsonSchema, path = ''): UndecidedKeyword | undefined => {
  if (typeof schema === 'boolean') return undefined;
  if (Array.isArray(schema['items'])) return { keyword: 'items', path: path || '/' };
  const keyword = Object.keys(schema).find((name) => !known.has(name));
  if (keyword !== undefined) return { keyword, path: path || '/' };
  for (const [place, child] of childrenOf(schema)) {
    const found = isObject(child) ? firstUndecided(child, path + place) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
};
