import { compileSchema } from './compile-schema.js';

const draft07 = 'http://json-schema.org/draft-07/schema#';

describe('compileSchema', () => {
  it('tells where a document does not fit', () => {
    const validate = compileSchema({
      properties: { a: { type: 'integer' } },
      additionalProperties: false,
    });
    expect(validate({ a: 1 })).toEqual([]);
    expect(validate({ a: 'x' })).toEqual([{ path: '/a', message: 'must be integer' }]);
    expect(validate({ b: 1 })[0]?.message).toContain('"b"');
  });

  it('reads each draft by its own rules', () => {
    const tuple = { items: [{ type: 'string' }] };
    expect(compileSchema({ $schema: draft07, ...tuple })([1])).toHaveLength(1);
    expect(() => compileSchema(tuple)).toThrow(
      expect.objectContaining({ code: 'CATALOG.INVALID_SCHEMA' }),
    );
    const unevaluated = { properties: { a: true }, unevaluatedProperties: false };
    expect(compileSchema(unevaluated)({ b: 1 })).toHaveLength(1);
  });

  it('looks at the length before it tries an expression that would take for ever', () => {
    const validate = compileSchema({ pattern: '^(a+)+$', maxLength: 20, type: 'string' });
    expect(validate(`${'a'.repeat(200)}!`)[0]?.message).toContain('20 characters');
  });

  it('checks formats and ignores keywords that it does not know', () => {
    const validate = compileSchema({ format: 'date-time', tsAdditionalProperties: false });
    expect(validate('2026-11-23T00:00:00Z')).toEqual([]);
    expect(validate('noon')).toHaveLength(1);
  });

  it('compiles schemas of the same $id beside each other', () => {
    const schema = { $id: 'https://example.com/a', type: 'string' };
    expect(compileSchema(schema)('x')).toEqual([]);
    expect(compileSchema({ ...schema, type: 'number' })('x')).toHaveLength(1);
  });

  it('ends where a schema refers to itself without end', () => {
    expect(compileSchema({ allOf: [{ $ref: '#' }] })(1)[0]?.message).toContain('too deep');
  });

  it.each([
    [{ type: 'strin' }],
    [{ $ref: 'https://example.com/other.json' }],
    [{ $ref: '#/definitions/missing' }],
    [{ $schema: 'http://json-schema.org/draft-04/schema#' }],
    [{ $schema: 7 }],
    [{ pattern: '(' }],
  ])('refuses %j', (schema) => {
    expect(() => compileSchema(schema)).toThrow(
      expect.objectContaining({ code: 'CATALOG.INVALID_SCHEMA' }),
    );
  });
});
