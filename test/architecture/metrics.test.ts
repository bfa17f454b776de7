import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { readSources } from './support/sources.js';

const root = resolve(import.meta.dirname, '../..');

const namesIn = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map(([, name]) => name ?? '').sort();

describe('the metrics of docs/deployment.md', () => {
  const page = readFileSync(join(root, 'docs/deployment.md'), 'utf8');
  const documented = namesIn(page, /^\| `(millrace_[a-z_]+)`/gm);
  const made = readSources(root, 'src').flatMap(({ text }) =>
    namesIn(text, /'(millrace_[a-z_]+)'/g),
  );

  it('are those that the source makes, each once', () => {
    expect(made.length).toBeGreaterThan(10);
    expect(documented).toEqual(made.toSorted());
  });
});
