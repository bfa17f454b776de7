import type { Contract } from '../../../src/kafka/contracts/contract.js';
import type { Source } from './sources.js';

/** A contract under the name by which code imports it. */
export interface NamedContract {
  readonly exportName: string;
  readonly contract: Contract;
}

const VERSIONED = /^[a-z]+(\.[a-z-]+)+\.v[1-9]\d*$/;

const mentions = (sources: readonly Source[], pattern: string): boolean =>
  sources.some(({ text }) => new RegExp(pattern).test(text));

interface Sides {
  readonly owner: readonly Source[];
  readonly others: readonly Source[];
  readonly tests: readonly Source[];
}

type Rule = readonly [holds: boolean, fault: string];

/** Who must do what with a contract, as patterns over the source of both sides. */
function sidesOf(name: string, contract: Contract, sides: Sides): readonly Rule[] {
  const { owner, others, tests } = sides;
  switch (contract.kind) {
    case 'state':
      return [
        [mentions(owner, `publishState\\(\\s*${name}\\b`), 'its owner never publishes it'],
        [mentions([...owner, ...others], `InjectStateTable\\(${name}\\)`), 'nobody reads it'],
      ];
    case 'event':
      return [
        [mentions(owner, `\\b${name}\\b`), 'its owner never publishes it'],
        [
          mentions(others, `HandlesEvent\\(${name},`) || mentions(tests, `\\b${name}\\b`),
          'nobody handles it, and no test receives it',
        ],
      ];
    case 'request':
      return [
        [mentions(owner, `HandlesRequest\\(${name}\\)`), 'its owner never answers it'],
        contract.access === 'internal'
          ? [mentions(others, `request\\(\\s*${name},`), 'no other module sends it']
          : [mentions(tests, `\\b${name}\\b`), 'no test sends it'],
      ];
  }
}

function missingSides({ exportName, contract }: NamedContract, sides: Sides): readonly string[] {
  return sidesOf(exportName, contract, sides)
    .filter(([holds]) => !holds)
    .map(([, fault]) => `${contract.name}: ${fault}`);
}

/**
 * What is wrong with the messages between modules: each needs an owner, a version, a producer and
 * a consumer (a command that other programs send: a test that sends it).
 */
export function contractFaults(
  contracts: readonly NamedContract[],
  sources: readonly Source[],
  tests: readonly Source[],
): readonly string[] {
  return contracts.flatMap((named) => {
    const { name, owner } = named.contract;
    const home = `src/modules/${owner}/`;
    const code = sources.filter(({ path }) => !path.startsWith('src/kafka/contracts/'));
    return [
      ...(VERSIONED.test(name) ? [] : [`${name}: has no version`]),
      ...(name.startsWith(`${owner}.`) ? [] : [`${name}: is not named after its owner ${owner}`]),
      ...missingSides(named, {
        owner: code.filter(({ path }) => path.startsWith(home)),
        others: code.filter(({ path }) => !path.startsWith(home)),
        tests,
      }),
    ];
  });
}
