import * as fc from 'fast-check';
import { compileSchema } from '../../../../events/schema/compile-schema.js';
import type { CompatibilityMode } from '../../../../kafka/contracts/catalog.contracts.js';
import type { JsonSchema } from '../event-schema.js';
import { compatibilityFaults, requireCompatible } from './compatibility.js';
import type { Fits } from './inclusion.js';

const fits: Fits = (schema, document) => compileSchema(schema)(document).length === 0;

const small = fc.integer({ min: 0, max: 3 });
const scalars = fc.constantFrom<unknown>(null, true, false, 0, 1, 2, 1.5, '', 'a', 'ab', [], {});
const type = fc.constantFrom('null', 'boolean', 'object', 'array', 'number', 'integer', 'string');
const names = fc.constantFrom('a', 'b');

const { schema: anySchema, document: anyDocument } = fc.letrec<{
  schema: JsonSchema;
  document: unknown;
}>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small', maxDepth: 3, withCrossShrink: true },
    fc.boolean(),
    fc.record(
      {
        type: fc.oneof(type, fc.uniqueArray(type, { minLength: 1, maxLength: 3 })),
        enum: fc.uniqueArray(scalars, { minLength: 1, maxLength: 4, comparator: 'SameValue' }),
        const: scalars,
        minimum: small,
        exclusiveMinimum: small,
        maximum: small,
        exclusiveMaximum: small,
        multipleOf: fc.constantFrom(1, 2, 3, 4, 0.5),
        minLength: small,
        maxLength: small,
        pattern: fc.constantFrom('^a', 'b$'),
        minItems: small,
        maxItems: small,
        uniqueItems: fc.boolean(),
        minProperties: small,
        maxProperties: small,
        required: fc.uniqueArray(names, { maxLength: 2 }),
        properties: fc.dictionary(names, tie('schema'), { noNullPrototype: true }),
        additionalProperties: tie('schema'),
        items: tie('schema'),
      },
      { requiredKeys: [] },
    ),
  ),
  document: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    scalars,
    fc.integer({ min: -1, max: 5 }),
    fc.array(tie('document'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('document'), { noNullPrototype: true }),
  ),
}));

/** A schema and one that differs from it in a keyword or two, so that many pairs are compatible. */
const pair = fc
  .tuple(anySchema, anySchema, fc.array(fc.nat(20), { maxLength: 3 }))
  .map(([left, right, picks]): readonly [JsonSchema, JsonSchema] => {
    if (typeof left === 'boolean' || typeof right === 'boolean') return [left, right];
    const changed: Record<string, unknown> = { ...left };
    for (const pick of picks) {
      const [key] = Object.keys(right).slice(pick % (Object.keys(right).length + 1));
      if (key !== undefined) changed[key] = right[key];
    }
    return [left, changed];
  });

describe('compatibility law', () => {
  it('lets every document of the old schema fit a new one that it calls BACKWARD compatible', () => {
    let judged = 0;
    fc.assert(
      fc.property(
        pair,
        fc.array(anyDocument, { minLength: 20, maxLength: 20 }),
        ([before, after], documents) => {
          if (compatibilityFaults('BACKWARD', before, after, fits).length > 0) return;
          judged += 1;
          const [old, next] = [compileSchema(before), compileSchema(after)];
          for (const document of documents)
            if (old(document).length === 0) expect(next(document)).toEqual([]);
        },
      ),
      { numRuns: 1000 },
    );
    expect(judged).toBeGreaterThan(100);
  });

  it('calls every schema compatible with itself, in every mode', () => {
    fc.assert(
      fc.property(anySchema, (schema) => {
        expect(compatibilityFaults('FULL', schema, schema, fits)).toEqual([]);
      }),
    );
  });

  it('takes FORWARD for BACKWARD the other way round, and FULL for both', () => {
    fc.assert(
      fc.property(pair, ([before, after]) => {
        const holds = (mode: CompatibilityMode, a: JsonSchema, b: JsonSchema): boolean =>
          compatibilityFaults(mode, a, b, fits).length === 0;
        const forward = holds('FORWARD', before, after);
        expect(forward).toBe(holds('BACKWARD', after, before));
        expect(holds('FULL', before, after)).toBe(forward && holds('BACKWARD', before, after));
        expect(holds('NONE', before, after)).toBe(true);
      }),
    );
  });
});

const closed = (properties: Record<string, unknown>, required: string[] = []): JsonSchema => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const string = { type: 'string' };

describe('compatibility', () => {
  it.each<[string, JsonSchema, JsonSchema, string[]]>([
    [
      'an optional member of a closed object',
      closed({ a: string }),
      closed({ a: string, b: string }),
      [],
    ],
    [
      'a required member',
      closed({ a: string }),
      closed({ a: string, b: string }, ['b']),
      [' required/b'],
    ],
    ['one member less', closed({ a: string, b: string }), closed({ a: string }), ['/b false']],
    ['a member of an open object', { type: 'object' }, { properties: { b: string } }, ['/b type']],
    ['a wider type', closed({ a: { type: 'integer' } }), closed({ a: { type: 'number' } }), []],
    ['a narrower type', { type: ['string', 'null'] }, string, [' type']],
    ['a value less', { enum: ['a', 'b'] }, { enum: ['a'] }, [' enum']],
    ['a value more', { enum: ['a'] }, { enum: ['b', 'a'] }, []],
    ['listed values that fit', { enum: ['a', 1] }, { type: ['string', 'integer'] }, []],
    [
      'a shorter string',
      { type: 'string', maxLength: 9 },
      { type: 'string', maxLength: 8 },
      [' maxLength'],
    ],
    [
      'a bound that excludes',
      { type: 'number', minimum: 1 },
      { type: 'number', exclusiveMinimum: 1 },
      [' minimum'],
    ],
    ['other items', { items: string }, { items: { type: 'number' } }, ['/* type']],
    [
      'another pattern',
      { type: 'string', pattern: 'a' },
      { type: 'string', pattern: 'b' },
      [' pattern'],
    ],
    ['a new format', string, { type: 'string', format: 'uuid' }, [' format']],
  ])('BACKWARD, %s', (_, before, after, expected) => {
    const faults = compatibilityFaults('BACKWARD', before, after, fits);
    expect(faults.map(({ path, keyword }) => `${path} ${keyword}`)).toEqual(expected);
  });

  it('lists the paths of what is not compatible', () => {
    const [before, after] = [closed({ a: string }), closed({ a: { type: 'number' } }, ['a'])];
    expect(() => requireCompatible('FULL', before, after, fits)).toThrow(
      expect.objectContaining({
        code: 'CATALOG.INCOMPATIBLE_SCHEMA',
        details: {
          mode: 'FULL',
          faults: [
            { direction: 'BACKWARD', path: '', keyword: 'required/a' },
            { direction: 'BACKWARD', path: '/a', keyword: 'type' },
            { direction: 'FORWARD', path: '/a', keyword: 'type' },
          ],
        },
      }),
    );
  });

  it.each<[string, string, JsonSchema]>([
    ['oneOf', '/', { oneOf: [string] }],
    ['$ref', '/properties/a', { properties: { a: { $ref: '#' } } }],
    ['patternProperties', '/items', { items: { patternProperties: {} } }],
    ['items', '/', { $schema: 'http://json-schema.org/draft-07/schema#', items: [string] }],
  ])('names the keyword %s that it cannot judge', (keyword, path, schema) => {
    for (const mode of ['BACKWARD', 'FORWARD', 'FULL'] as const)
      expect(() => requireCompatible(mode, true, schema, fits)).toThrow(
        expect.objectContaining({
          code: 'CATALOG.COMPATIBILITY_UNDECIDABLE',
          details: expect.objectContaining({ keyword, path }) as unknown,
        }),
      );
    expect(() => requireCompatible('NONE', true, schema, fits)).not.toThrow();
  });
});
