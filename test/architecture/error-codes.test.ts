import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { codesIn, documentedCodes, documentedStatus, statusesIn } from './support/error-codes.js';
import { readSources } from './support/sources.js';

const root = resolve(import.meta.dirname, '../..');

describe('docs/errors.md', () => {
  const sources = readSources(root, 'src').filter(
    ({ path }) => !path.endsWith('.spec.ts') && !path.includes('/testing/'),
  );
  const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');
  const used = codesIn(sources);
  const documented = documentedCodes(page);

  it('has every code that the source can answer with', () => {
    expect(used.size).toBeGreaterThan(20);
    expect([...used].filter((code) => !documented.includes(code)).sort()).toEqual([]);
  });

  it('has no code that the source does not know, and none twice', () => {
    expect(documented.filter((code) => !used.has(code))).toEqual([]);
    expect(documented.filter((code, at) => documented.indexOf(code) !== at)).toEqual([]);
  });

  it('gives the status that each error is answered with', () => {
    const statuses = [...statusesIn(sources)];
    expect(statuses.length).toBeGreaterThan(50);
    expect(statuses.map(([code]) => [code, documentedStatus(page, code)])).toEqual(statuses);
  });

  it('is sorted', () => {
    expect(documented).toEqual([...documented].sort());
  });

  it.each([
    ["  readonly code = 'A.CODE_ONE';", ['A.CODE_ONE']],
    ["  readonly code: string = 'A.CODE_TWO';", ['A.CODE_TWO']],
    ["problem('A.CODE_THREE', 'why')", ['A.CODE_THREE']],
    ['const text = "not A.CODE in a sentence";', []],
    ["const file = 'README.MD';", ['README.MD']],
  ])('would miss nothing of %s', (text, codes) => {
    expect([...codesIn([{ path: 'a.ts', text }])]).toEqual(codes);
  });
});
