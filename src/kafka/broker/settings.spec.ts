import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_SETTINGS } from './settings.js';

describe('the README', () => {
  const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
  const rows = [...readme.matchAll(/^\| `([\w.]+)` +\| ([^|]+?) +\| /gm)];
  const documented = new Map(rows.map(([, name, fallback]) => [name, fallback]));
  const { groups, transactions, ...others } = DEFAULT_SETTINGS;
  const under = (prefix: string, settings: object): readonly (readonly [string, unknown])[] =>
    Object.entries(settings).map(([name, value]) => [`${prefix}${name}`, value]);
  const settings = [
    ...under('', others),
    ...under('groups.', groups),
    ...under('transactions.', transactions),
  ];

  it('names every setting', () => {
    expect(settings.map(([name]) => name).filter((name) => !documented.has(name))).toEqual([]);
  });

  const numbers = settings.filter(([, value]) => typeof value === 'number');
  it.each(numbers)('has the default of %s: %d', (name, value) => {
    expect(documented.get(name)).toBe(Number(value).toLocaleString('en'));
  });
});

describe('a failure in the background', () => {
  const original = process.emitWarning;
  afterEach(() => {
    process.emitWarning = original;
  });

  it.each([
    ['an error', new Error('the disk is gone'), /the disk is gone\n.*settings\.spec/],
    ['an error without a stack', Object.assign(new Error('bare'), { stack: undefined }), /bare/],
    ['no error at all', undefined, /undefined/],
  ])('is a warning in words, which the process takes of anybody: %s', (_, failure, words) => {
    const warnings: unknown[] = [];
    process.emitWarning = ((warning: unknown) => {
      warnings.push(warning);
    }) as typeof process.emitWarning;
    DEFAULT_SETTINGS.onFailure(failure);
    expect(warnings).toEqual([expect.stringMatching(words)]);
  });
});
