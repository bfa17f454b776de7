import { SchemaInvalid } from './schema.errors.js';

/** Drafts of JSON Schema that can be registered. */
export type SchemaDraft = 'draft-07' | '2020-12';

const drafts: ReadonlyMap<string, SchemaDraft> = new Map([
  ['http://json-schema.org/draft-07/schema', 'draft-07'],
  ['https://json-schema.org/draft-07/schema', 'draft-07'],
  ['http://json-schema.org/schema', '2020-12'],
  ['https://json-schema.org/draft/2020-12/schema', '2020-12'],
]);

/**
 * The draft that a schema names in `$schema`; 2020-12 when it names none.
 * @throws SchemaInvalid when it names another
 */
export const draftOf = (schema: Readonly<Record<string, unknown>> | boolean): SchemaDraft => {
  const named = typeof schema === 'object' ? schema['$schema'] : undefined;
  if (named === undefined) return '2020-12';
  const draft = typeof named === 'string' ? drafts.get(named.replace(/#$/, '')) : undefined;
  if (draft === undefined)
    throw new SchemaInvalid('"$schema" must name draft 2020-12 or draft-07.', { $schema: named });
  return draft;
};
