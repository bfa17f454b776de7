import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

import type { Manifest } from './packed-files.js';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../../../..');

/** What a clone has that the package is made of, and some that it must not take along. */
const CLONED = [
  'package.json',
  'LICENSE',
  'README.md',
  'ARCHITECTURE.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  '.gitignore',
  '.swcrc',
  'tsconfig.json',
  'tsconfig.build.json',
  'tsconfig.declarations.json',
  'scripts',
  'src',
  'examples',
  'docs',
  'bench/README.md',
];

/** What lies about where somebody worked: secrets, data, and what earlier builds left. */
const LEFT_BEHIND = [
  '.env',
  '.millrace/admin.key',
  'kafka-data/broker.json',
  'dist/.compiled.json',
  'dist/gone.js',
  'dist/a.spec.js',
  'dist/gone.d.ts',
  'dist/kafka/broker/gone.d.ts',
  'dist/kafka/broker/storage/testing/log-fixture.js',
];

/** What `npm pack` makes of this project, built from its sources in a folder of its own. */
export interface PackedMillrace {
  readonly manifest: Manifest;
  /** Paths in the tarball. */
  readonly files: readonly string[];
  /** Paths of the project's sources, from its root. */
  readonly sources: readonly string[];
  /** What a file of the package says. */
  text(path: string): Promise<string>;
  /** Puts the package there, as npm would install it, but for its dependencies. */
  unpack(directory: string): Promise<void>;
}

type Told = Readonly<Record<string, { readonly files: readonly { readonly path: string }[] }>>;

/** Paths in the answer of `npm pack --json`: an array until npm 11, from 12 on keyed by name. */
export function pathsToldBy(answer: string): readonly string[] {
  const packages = Object.values(JSON.parse(answer) as Told);
  return packages.flatMap(({ files }) => files.map(({ path }) => path));
}

/**
 * Builds as npm does before it packs, and asks npm what it would pack. Needs no network.
 * @param workplace an empty folder
 */
export async function packMillrace(workplace: string): Promise<PackedMillrace> {
  const clone = join(workplace, 'clone');
  for (const path of CLONED) {
    await cp(join(root, path), join(clone, path), { recursive: true });
  }
  for (const path of LEFT_BEHIND) {
    await mkdir(dirname(join(clone, path)), { recursive: true });
    await writeFile(join(clone, path), '{}');
  }
  await symlink(join(root, 'node_modules'), join(clone, 'node_modules'), 'junction');
  const npm = async (...args: readonly string[]): Promise<string> => {
    const settings = { npm_config_cache: join(workplace, 'npm'), npm_config_offline: 'true' };
    const options = { cwd: clone, env: { ...process.env, ...settings }, maxBuffer: 2 ** 24 };
    return (await run('npm', args, { ...options, shell: process.platform === 'win32' })).stdout;
  };
  await npm('run', 'prepack');
  const answer = await npm('pack', '--ignore-scripts', '--dry-run', '--json');
  const paths = pathsToldBy(answer);
  const sourcesIn = async (folder: string): Promise<readonly string[]> => {
    const found = await readdir(join(clone, folder), { recursive: true });
    return found.map((path) => join(folder, path).replaceAll('\\', '/'));
  };
  return {
    manifest: JSON.parse(await readFile(join(clone, 'package.json'), 'utf8')) as Manifest,
    files: paths,
    sources: (await Promise.all(['src', 'examples', 'docs'].map(sourcesIn))).flat(),
    text: (path) => readFile(join(clone, path), 'utf8'),
    async unpack(directory) {
      for (const path of paths) await cp(join(clone, path), join(directory, path));
    },
  };
}
