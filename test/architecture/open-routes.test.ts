import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

import type { Contract } from '../../src/kafka/contracts/contract.js';
import { openRoutes } from './support/open-routes.js';
import { readSources } from './support/sources.js';

const root = resolve(import.meta.dirname, '../..');
const folder = join(root, 'src/kafka/contracts');

async function internalRequests(): Promise<ReadonlySet<string>> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.contracts.ts'));
  const exported = await Promise.all(
    files.map((file) => import(join(folder, file)) as Promise<Record<string, Contract>>),
  );
  return new Set(
    exported
      .flatMap((each) => Object.entries(each))
      .filter(([, each]) => each?.kind === 'request' && each.access === 'internal')
      .map(([name]) => name),
  );
}

describe('routes and commands', () => {
  it('each say which scope they need', async () => {
    const sources = readSources(root, 'src');
    expect(sources.some(({ text }) => text.includes('@RequireScope('))).toBe(true);
    expect(openRoutes(sources, await internalRequests())).toEqual([]);
  });

  it('are found out when they say nothing', () => {
    const text = "class C {\n  @Get('x')\n  @HttpCode(200)\n  async read() {}\n}";
    expect(openRoutes([{ path: 'c.ts', text }], new Set())).toEqual(["c.ts: @Get('x')"]);
  });

  it('of the inside need no scope, as the transport checks their signature', () => {
    const text = 'class C {\n  @HandlesRequest(countThings)\n  count() {}\n}';
    expect(openRoutes([{ path: 'c.ts', text }], new Set(['countThings']))).toEqual([]);
  });
});
