import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import type { Contract } from './contract.js';
import { allContracts } from './index.js';

describe('the list of all contracts', () => {
  it('has those of every file in this folder, each name once', async () => {
    const files = readdirSync(import.meta.dirname).filter((each) => each.endsWith('.contracts.ts'));
    const names = await Promise.all(
      files.map(async (file) => {
        const exported = (await import(join(import.meta.dirname, file))) as Record<
          string,
          Contract
        >;
        return Object.values(exported).flatMap((each) => (each?.owner ? [each.name] : []));
      }),
    );
    const listed = allContracts.map(({ name }) => name);
    expect(listed).toEqual(names.flat().sort());
    expect(new Set(listed).size).toBe(listed.length);
  });
});
