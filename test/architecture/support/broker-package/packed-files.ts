import { posix } from 'node:path';

import { isCompiled } from '../packaging/project-facts.js';

/** What package.json says of the package's content. */
export interface Manifest {
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

const ALONGSIDE = [
  'LICENSE',
  'README.md',
  'package.json',
  'src/kafka/broker/README.md',
  'bench/README.md',
  'ARCHITECTURE.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
];
/** Sources that are packed as they are: an example, and the documentation. */
const AS_IT_IS = /^(?:examples\/broker-in-tests\/.+|docs\/.+\.md)$/;

/** Without its ending, what a file in dist/ was made from; undefined for what is not made. */
function originOf(path: string): string | undefined {
  const made = /^dist\/(.+)\.js(?:\.map)?$/.exec(path);
  const declared = /^dist\/(kafka\/broker\/.+)\.d\.ts$/.exec(path);
  return (made ?? declared)?.[1];
}

/**
 * What is wrong with the files that npm would put into the tarball.
 * @param packed paths in the tarball
 * @param sources paths of the project's files, from its root
 */
export function packingFaults(
  packed: readonly string[],
  sources: readonly string[],
  { exports, bin }: Manifest,
): readonly string[] {
  const promised = [...Object.values(exports), bin]
    .flatMap((target) => (typeof target === 'string' ? [target] : Object.values(target)))
    .map((path) => path.replace(/^\.\//, ''));
  const given = [...ALONGSIDE, ...sources.filter((path) => AS_IT_IS.test(path)), ...promised];
  const origins = sources
    .map((path) => (isCompiled(path) ? /^src\/(.+)\.ts$/.exec(path)?.[1] : undefined))
    .filter((origin) => origin !== undefined);
  const wanted = [...given, ...origins.map((origin) => `dist/${origin}.js`)];
  const missing = [...new Set(wanted)].filter((path) => !packed.includes(path));
  const known = new Set(given);
  const compiled = new Set<string | undefined>(origins);
  const foreign = packed.filter((path) => !known.has(path) && !compiled.has(originOf(path)));
  return [
    ...missing.map((path) => `${path} is missing`),
    ...foreign.map((path) => `${path} does not belong there`),
  ];
}

const LINK = /\]\(([^)#\s]+)(?:#[^)]*)?\)/g;

/**
 * Links of the package's documentation that lead to nothing in it.
 * @param packed paths in the tarball
 * @param textOf what a file in it says
 */
export async function brokenLinks(
  packed: readonly string[],
  textOf: (path: string) => Promise<string>,
): Promise<readonly string[]> {
  const leads = (path: string): boolean =>
    packed.some((file) => file === path || file.startsWith(`${path}/`));
  const pages = packed.filter((path) => path.endsWith('.md'));
  const broken = pages.map(async (page) =>
    [...(await textOf(page)).matchAll(LINK)]
      .map(([, target = '']) => target)
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => !leads(posix.join(posix.dirname(page), target)))
      .map((target) => `${page}: ${target}`),
  );
  return (await Promise.all(broken)).flat();
}
