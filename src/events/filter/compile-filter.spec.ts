import * as fc from 'fast-check';
import type { CloudEvent } from '../cloud-event.js';
import { parseJsonEvent } from '../codec/json-format.js';
import { EventData } from '../event-data.js';
import { compileFilter } from './compile-filter.js';
import { indexConditionOf } from './index-condition.js';
import { normaliseFilter } from './normalise-filter.js';
import { filterLimits, parseFilter } from './parse-filter.js';

type Expression = Readonly<Record<string, unknown>>;

const words = fc.constantFrom('a', 'ab', 'b', 'ba', '1');
const anyEvent: fc.Arbitrary<CloudEvent> = fc
  .record({
    type: words,
    subject: fc.option(words),
    ext: fc.option(fc.oneof(words, fc.constant(1), fc.boolean())),
    data: fc.oneof(
      fc.record({ x: fc.oneof(words, fc.integer({ max: 2 })) }),
      words,
      fc.constant(null),
    ),
  })
  .map((attributes) =>
    parseJsonEvent({ specversion: '1.0', id: '1', source: '/s', ...attributes }),
  );

const test = fc.constantFrom('exact', 'prefix', 'suffix');
const leaf: fc.Arbitrary<Expression> = fc.oneof(
  fc
    .tuple(test, fc.dictionary(fc.constantFrom('type', 'subject', 'ext'), words, { minKeys: 1 }))
    .map(([dialect, attributes]) => ({ [dialect]: { ...attributes } })),
  fc.tuple(test, words).map(([kind, value]) => ({ data: { [kind]: { x: value } } })),
  fc.boolean().map((there) => ({ data: { exists: { x: there } } })),
);
const { tree } = fc.letrec<{ tree: Expression }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    leaf,
    fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
    fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
    tie('tree').map((not) => ({ not })),
  ),
}));

const same = (left: Expression, right: Expression, event: CloudEvent): boolean =>
  compileFilter(left)(event) === compileFilter(right)(event);

describe('filter algebra', () => {
  it('not not f is f', () => {
    fc.assert(
      fc.property(tree, anyEvent, (f, e) => {
        expect(same({ not: { not: f } }, f, e)).toBe(true);
      }),
    );
  });

  it('keeps De Morgan', () => {
    fc.assert(
      fc.property(tree, tree, anyEvent, (f, g, event) => {
        expect(same({ not: { all: [f, g] } }, { any: [{ not: f }, { not: g }] }, event)).toBe(true);
        expect(same({ not: { any: [f, g] } }, { all: [{ not: f }, { not: g }] }, event)).toBe(true);
      }),
    );
  });

  it('takes all for and, any for or, not for no', () => {
    fc.assert(
      fc.property(tree, tree, anyEvent, (f, g, event) => {
        const [left, right] = [compileFilter(f)(event), compileFilter(g)(event)];
        expect(compileFilter({ all: [f, g] })(event)).toBe(left && right);
        expect(compileFilter([f, g])(event)).toBe(left && right);
        expect(compileFilter({ any: [f, g] })(event)).toBe(left || right);
        expect(compileFilter({ not: f })(event)).toBe(!left);
      }),
    );
  });

  it('has a normal form that stays as it is', () => {
    fc.assert(
      fc.property(tree, (f) => {
        const normal = normaliseFilter(parseFilter(f));
        expect(normaliseFilter(normal)).toEqual(normal);
      }),
    );
  });

  it('matches no event that its index condition rules out', () => {
    fc.assert(
      fc.property(tree, anyEvent, (f, event) => {
        const condition = indexConditionOf(normaliseFilter(parseFilter(f)));
        if (condition === undefined || !compileFilter(f)(event)) return;
        const value = { type: event.type, subject: event.subject, ...event.extensions }[
          condition.name
        ];
        expect(condition.values).toContain(String(value));
      }),
    );
  });
});

const event = parseJsonEvent({
  specversion: '1.0',
  id: '1',
  source: 'https://github.com/acme',
  type: 'pull_request.opened',
  priority: 5,
  data: {
    action: 'opened',
    repository: { full_name: 'acme/app', private: false, 'a.b': { 'c/d': null } },
    commits: [{ id: 'x' }, { id: 'y' }],
    size: 1.5,
  },
});

describe('filters', () => {
  it.each<[Expression | Expression[], boolean]>([
    [{ exact: { type: 'pull_request.opened' } }, true],
    [{ exact: { type: 'Pull_request.opened' } }, false],
    [{ prefix: { type: 'pull_request.', source: 'https://' } }, true],
    [{ suffix: { source: '/acme' } }, true],
    [{ exact: { missing: 'x' } }, false],
    [{ exact: { priority: 5 } }, true],
    [{ exact: { priority: '5' } }, true],
    [{ exact: { constructor: 'x' } }, false],
    [[], true],
    [{ data: { exact: { action: 'opened', 'repository.private': false } } }, true],
    [{ data: { exact: { 'repository.private': 'false' } } }, false],
    [{ data: { exact: { size: 1.5 } } }, true],
    [{ data: { exact: { 'commits.1.id': 'y' } } }, true],
    [{ data: { exact: { 'commits.01.id': 'y' } } }, false],
    [{ data: { exact: { '/commits/0/id': 'x' } } }, true],
    [{ data: { exact: { '/repository/a.b/c~1d': null } } }, true],
    [{ data: { exists: { '/repository/a.b/c~1d': true } } }, true],
    [{ data: { exists: { 'commits.2': false } } }, true],
    [{ data: { exists: { 'commits.length': true } } }, false],
    [{ data: { prefix: { 'repository.full_name': 'acme/' }, suffix: { action: 'ed' } } }, true],
    [{ data: { prefix: { size: '1' } } }, false],
  ])('%j gives %s', (filter, expected) => {
    expect(compileFilter(filter)(event)).toBe(expected);
  });

  it('matches everything when there is none', () => {
    expect(compileFilter(null)(event)).toBe(true);
    expect(compileFilter(undefined)(event)).toBe(true);
  });

  it('finds no field in data that is not JSON', () => {
    const text = { ...event, data: EventData.text('{"action":"opened"}') };
    expect(compileFilter({ data: { exact: { action: 'opened' } } })(text)).toBe(false);
    expect(compileFilter({ data: { exists: { action: false } } })(text)).toBe(true);
  });

  it('does not look into the payload when the attributes decide', () => {
    const data = EventData.received(Buffer.from('{}'), 'application/json');
    let looks = 0;
    Object.defineProperty(data, 'kind', { get: () => (looks += 1) });
    const filter = { all: [{ data: { exists: { a: true } } }, { exact: { type: 'other' } }] };
    expect(compileFilter(filter)({ ...event, data })).toBe(false);
    expect(looks).toBe(0);
  });

  const deep = (levels: number): unknown =>
    levels === 0 ? { exact: { type: 'a' } } : { not: deep(levels - 1) };
  const wide = Array.from({ length: filterLimits.conditions + 1 }, () => ({
    exact: { type: 'a' },
  }));

  it.each<[string, unknown]>([
    ['FILTER.UNKNOWN_DIALECT', { sql: "type = 'x'" }],
    ['FILTER.UNKNOWN_DIALECT', { data: { regex: { a: 'x' } } }],
    ['FILTER.UNKNOWN_DIALECT', { toString: {} }],
    ['FILTER.INVALID', {}],
    ['FILTER.INVALID', 'type'],
    ['FILTER.INVALID', { exact: { type: 'a' }, prefix: { type: 'a' } }],
    ['FILTER.INVALID', { exact: {} }],
    ['FILTER.INVALID', { exact: { type: null } }],
    ['FILTER.INVALID', { exact: { 'data.x': 'y' } }],
    ['FILTER.INVALID', { prefix: { type: '' } }],
    ['FILTER.INVALID', { prefix: { type: 5 } }],
    ['FILTER.INVALID', { all: [] }],
    ['FILTER.INVALID', { any: { exact: { type: 'a' } } }],
    ['FILTER.INVALID', { data: { exact: { a: {} } } }],
    ['FILTER.INVALID', { data: { exact: { 'a..b': 1 } } }],
    ['FILTER.INVALID', { data: { exact: { '/a~2': 1 } } }],
    ['FILTER.INVALID', { data: { exists: { a: 'yes' } } }],
    ['FILTER.TOO_LARGE', deep(filterLimits.depth + 1)],
    ['FILTER.TOO_LARGE', { any: wide }],
    ['FILTER.TOO_LARGE', { exact: { type: 'x'.repeat(filterLimits.textLength + 1) } }],
  ])('refuses with %s: %j', (code, filter) => {
    expect(() => compileFilter(filter)).toThrow(expect.objectContaining({ code }));
  });

  it('says what to write instead of SQL', () => {
    expect(() => compileFilter({ sql: 'TRUE' })).toThrow(/exact, prefix, suffix/);
  });
});
