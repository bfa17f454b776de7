import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

import {
  defineEvent,
  defineRequest,
  defineState,
  type Contract,
} from '../../src/kafka/contracts/contract.js';
import { contractFaults, type NamedContract } from './support/contract-faults.js';
import { readSources } from './support/sources.js';

const root = resolve(import.meta.dirname, '../..');
const folder = join(root, 'src/kafka/contracts');

const isContract = (value: unknown): value is Contract =>
  typeof value === 'object' && value !== null && 'kind' in value && 'owner' in value;

async function contractsOfTheTree(): Promise<readonly NamedContract[]> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.contracts.ts'));
  const loaded = await Promise.all(
    files.map((file) => import(join(folder, file)) as Promise<Record<string, unknown>>),
  );
  return loaded.flatMap((exports) =>
    Object.entries(exports).flatMap(([exportName, contract]) =>
      isContract(contract) ? [{ exportName, contract }] : [],
    ),
  );
}

describe('contracts between modules', () => {
  it('have an owner, a version, a producer and a consumer each', async () => {
    const contracts = await contractsOfTheTree();
    expect(contracts.length).toBeGreaterThan(10);
    const tests = readSources(root, 'test/modules', 'test/e2e');
    expect(contractFaults(contracts, readSources(root, 'src'), tests)).toEqual([]);
  });

  const schema = {};
  const base = { owner: 'catalog', description: '', schema } as const;
  const violations: readonly (readonly [string, Contract, string])[] = [
    ['no version', defineEvent({ ...base, name: 'catalog.topic.deleted' }), 'has no version'],
    ['a foreign name', defineEvent({ ...base, name: 'x.topic.deleted.v1' }), 'not named after'],
    ['no producer', defineState({ ...base, name: 'catalog.things.v1' }), 'never publishes it'],
    ['no reader', defineState({ ...base, name: 'catalog.things.v1' }), 'nobody reads it'],
    ['no handler', defineEvent({ ...base, name: 'catalog.a.done.v1' }), 'nobody handles it'],
    [
      'a command that no test sends',
      defineRequest({
        ...base,
        name: 'catalog.a.do.v1',
        access: 'public',
        replySchema: schema,
      }),
      'no test sends it',
    ],
  ];
  it.each(violations)('are turned red by %s', (_, contract, fault) => {
    const found = contractFaults([{ exportName: 'unused', contract }], [], []);
    expect(found.join('\n')).toContain(fault);
  });
});
