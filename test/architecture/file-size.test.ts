import { resolve } from 'node:path';

import { readSources, type Source } from './support/sources.js';

const root = resolve(import.meta.dirname, '../..');
const LIMIT = 250;

/** Long files whose first comment gives no reason ("Long because …"). */
const unexplained = (sources: readonly Source[]): readonly string[] =>
  sources
    .filter(({ text }) => text.split('\n').length - 1 > LIMIT)
    .filter(({ text }) => !/^\/\*\*?[\s\S]*?\bLong because\b[\s\S]*?\*\//.test(text))
    .map(({ path }) => path);

describe('files', () => {
  it(`stay under ${LIMIT} lines or give the reason in their first comment`, () => {
    expect(unexplained(readSources(root, 'src', 'test', 'bench'))).toEqual([]);
  });

  it('are found out when they grow without a reason', () => {
    const text = '// line\n'.repeat(LIMIT + 1);
    expect(unexplained([{ path: 'long.ts', text }])).toEqual(['long.ts']);
    expect(unexplained([{ path: 'long.ts', text: `/** Long because x */\n${text}` }])).toEqual([]);
  });
});
