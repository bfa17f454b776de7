import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { readSources } from '../sources.js';

/** What the image and the compose file must agree with. */
export interface ProjectFacts {
  /** Paths from the root: files at the top, and everything under src. */
  readonly files: readonly string[];
  /** Names of package.json's scripts. */
  readonly scripts: readonly string[];
  /** Oldest Node, as [major, minor]. */
  readonly oldestNode: readonly [number, number];
  /** Environment variables that src/config reads. */
  readonly variables: ReadonlySet<string>;
  /** Paths that answer without a key. */
  readonly probes: ReadonlySet<string>;
  readonly drainLimitSeconds: number;
  /** V8's flags of `npm start`. */
  readonly startFlags: readonly string[];
  /** What `npm run build` reads besides src. */
  readonly buildConfiguration: readonly string[];
  /** Packages that the program imports, without what is for tests. */
  readonly imports: ReadonlySet<string>;
}

/** Whether a path under src is compiled into dist/. */
export const isCompiled = (path: string): boolean =>
  path.endsWith('.ts') && !path.endsWith('.spec.ts') && !path.includes('/testing/');

const matches = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map((match) => match[1] ?? '');

function buildConfigurationOf(read: (path: string) => string): readonly string[] {
  const [tsconfig = ''] = matches(read('nest-cli.json'), /"tsConfigPath": "([^"]+)"/g);
  const [swcrc = ''] = matches(read('nest-cli.json'), /"swcrcPath": "([^"]+)"/g);
  const parents = matches(read(tsconfig), /"extends": "\.\/([^"]+)"/g);
  return ['nest-cli.json', tsconfig, swcrc, ...parents];
}

function filesOf(root: string): readonly string[] {
  const top = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isFile());
  const src = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
  return [...top.map((entry) => entry.name), ...src];
}

/** Reads the facts from the project's own files. */
export function readProjectFacts(root: string): ProjectFacts {
  const read = (path: string): string => readFileSync(join(root, path), 'utf8');
  const { scripts, engines } = JSON.parse(read('package.json')) as {
    scripts: Record<string, string>;
    engines: { node: string };
  };
  const [major = 0, minor = 0] = (engines.node.match(/\d+/g) ?? []).map(Number);
  const config = readSources(root, 'src/config').filter(({ path }) => isCompiled(path));
  const program = readSources(root, 'src').filter(({ path }) => isCompiled(path));
  const drainLimit = matches(
    read('src/platform/shutdown-signals.ts'),
    /DRAIN_LIMIT_MS = ([\d_]+)/g,
  );
  return {
    files: filesOf(root),
    scripts: Object.keys(scripts),
    oldestNode: [major, minor],
    variables: new Set(
      config.flatMap(({ text }) => matches(text, /'((?:MILLRACE_|KAFKA_|DATABASE_)[A-Z_]+)'/g)),
    ),
    probes: new Set(
      matches(read('src/common/health/health.controller.ts'), /@Get\('(\w+)'\)/g).map(
        (path) => `/${path}`,
      ),
    ),
    drainLimitSeconds: Number(drainLimit[0]?.replaceAll('_', '')) / 1_000,
    startFlags: matches(read('package.json'), /"start": "node (--\S+) /g),
    buildConfiguration: buildConfigurationOf(read),
    imports: new Set(program.flatMap(({ text }) => matches(text, /\bfrom '([^'.][^']*)'/g))),
  };
}
