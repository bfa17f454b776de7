import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { boundaryRules } from './boundary-rules.js';
import { violationsIn } from './support/cruise.js';

const projectRoot = resolve(import.meta.dirname, '../..');
const fixtures = join(import.meta.dirname, 'fixtures');

describe('boundaries', () => {
  it('holds in the source', async () => {
    expect(await violationsIn(projectRoot)).toEqual([]);
  });

  it.each(boundaryRules.map(({ name }) => name))(
    'is turned red by a violation of %s',
    async (rule) => {
      const fixture = join(fixtures, rule!);
      expect(existsSync(join(fixture, 'src'))).toBe(true);
      const found = await violationsIn(fixture);
      expect(found.map((violation) => violation.rule)).toContain(rule);
    },
  );

  it('has no fixture without a rule', () => {
    const names = boundaryRules.map(({ name }) => name as string);
    expect(readdirSync(fixtures).filter((folder) => !names.includes(folder))).toEqual([]);
  });
});
