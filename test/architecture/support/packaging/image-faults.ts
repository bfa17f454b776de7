import {
  copyOf,
  environmentOf,
  execForm,
  lastOf,
  type Instruction,
  type Stage,
} from './dockerfile.js';
import type { ProjectFacts } from './project-facts.js';
import { faultsOf, type Rule } from './rule.js';

/** What the packaged program is told by the image, for the rules of the compose file. */
export interface ImageFacts {
  readonly environment: Readonly<Record<string, string>>;
  readonly port: string;
  readonly dataDir: string;
}

/** Reads those facts from the last stage. */
export function imageFactsOf(stages: readonly Stage[]): ImageFacts {
  const environment = environmentOf(stages.at(-1));
  return {
    environment,
    port: environment['MILLRACE_HTTP_PORT'] ?? '',
    dataDir: environment['MILLRACE_DATA_DIR'] ?? '',
  };
}

/** Variables that are read by Node or its libraries. */
const NODES_OWN: ReadonlySet<string> = new Set(['NODE_ENV']);

function baseRules(stages: readonly Stage[], { oldestNode }: ProjectFacts): readonly Rule[] {
  const images = stages
    .map(({ base }) => base)
    .filter((base) => !stages.some(({ name }) => name === base));
  const [oldestMajor, oldestMinor] = oldestNode;
  return [
    ...images.flatMap((image): readonly Rule[] => {
      const match = /^node:(\d+)\.(\d+)\.\d+-/.exec(image);
      const [major, minor] = [Number(match?.[1]), Number(match?.[2])];
      return [
        [match !== null, `FROM ${image}: not a fixed version of Node`],
        [
          match === null || major > oldestMajor || (major === oldestMajor && minor >= oldestMinor),
          `FROM ${image}: older than package.json's engines`,
        ],
      ];
    }),
    [new Set(images).size === 1, 'the stages do not share one image: native packages may not fit'],
  ];
}

function userRules(final: Stage | undefined, dataDir: string): readonly Rule[] {
  const instructions = final?.instructions ?? [];
  const user = lastOf(final, 'USER')?.text ?? 'root';
  const at = instructions.findIndex(({ keyword }) => keyword === 'USER');
  const makesDataDir = ({ keyword, text }: Instruction): boolean =>
    keyword === 'RUN' && text.includes('-o node') && text.includes(dataDir);
  return [
    [/^[1-9]\d*(:[1-9]\d*)?$/.test(user), `USER ${user}: not the number of a user without rights`],
    [
      dataDir.startsWith('/') && instructions.slice(0, at).some(makesDataDir),
      `${dataDir} is not made for the user before USER`,
    ],
    [lastOf(final, 'VOLUME')?.text === dataDir, `${dataDir} is no VOLUME: keys would be lost`],
  ];
}

function environmentRules(final: Stage | undefined, project: ProjectFacts): readonly Rule[] {
  const environment = environmentOf(final);
  const unknown = Object.keys(environment).filter(
    (name) => !project.variables.has(name) && !NODES_OWN.has(name),
  );
  return [
    [unknown.length === 0, `ENV ${unknown.join(', ')}: no such setting`],
    [environment['NODE_ENV'] === 'production', 'NODE_ENV is not production'],
    [environment['MILLRACE_HTTP_HOST'] === '0.0.0.0', 'no other container can reach it'],
    [
      lastOf(final, 'EXPOSE')?.text === environment['MILLRACE_HTTP_PORT'],
      'EXPOSE is not MILLRACE_HTTP_PORT',
    ],
  ];
}

function programRules(final: Stage | undefined, project: ProjectFacts): readonly Rule[] {
  const command = execForm(lastOf(final, 'CMD')?.text ?? '') ?? [];
  const program = /^dist\/(.+)\.js$/.exec(command.at(-1) ?? '')?.[1];
  const flags = ['--enable-source-maps', ...project.startFlags];
  const probe = lastOf(final, 'HEALTHCHECK')?.text ?? '';
  const path = /127\.0\.0\.1:.*?(\/\w+)'/.exec(probe)?.[1] ?? 'nothing';
  return [
    [command[0] === 'node', 'CMD does not start node itself, so signals go astray'],
    [
      project.files.includes(`src/${program}.ts`),
      `CMD starts ${command.at(-1)}, which is not built`,
    ],
    ...flags.map((flag): Rule => [command.includes(flag), `CMD lacks ${flag}`]),
    [lastOf(final, 'ENTRYPOINT') === undefined, 'ENTRYPOINT stands before CMD'],
    [lastOf(final, 'STOPSIGNAL')?.text === 'SIGTERM', 'STOPSIGNAL is not SIGTERM'],
    [project.probes.has(path), `HEALTHCHECK asks ${path}, which is no probe`],
    [probe.startsWith('CMD ["node"'), 'HEALTHCHECK needs a program that the image does not have'],
  ];
}

function contentRules(stages: readonly Stage[], project: ProjectFacts): readonly Rule[] {
  const runs = stages.flatMap(({ instructions }) =>
    instructions.filter(({ keyword }) => keyword === 'RUN').map(({ text }) => text),
  );
  const removed = runs.flatMap((text) => [...text.matchAll(/ node_modules\/(\S+)/g)]);
  const used = removed
    .map((match) => match[1] ?? '')
    .filter((name) => [...project.imports].some((each) => `${each}/`.startsWith(`${name}/`)));
  const final = stages.at(-1)?.instructions ?? [];
  const copied = final.filter(({ keyword }) => keyword === 'COPY').map(copyOf);
  const builds = final.some(
    ({ keyword, text }) => keyword === 'RUN' && /\b(npm|npx|nest|tsc|swc)\b/.test(text),
  );
  return [
    [used.length === 0, `the program imports what is removed: ${used.join(', ')}`],
    [!runs.some((text) => text.includes('--omit=optional')), 'native packages are left out'],
    [!builds, 'the last stage builds or installs'],
    [
      copied.some(({ from, sources }) => from === undefined && sources.includes('package.json')),
      'without package.json, Node takes dist/ for CommonJS',
    ],
    ...['dist', 'node_modules'].map((target): Rule => [
      copied.some((copy) => copy.from !== undefined && copy.target === target),
      `${target} is not in the image`,
    ]),
  ];
}

/** What is wrong with the image that a Dockerfile makes. */
export function imageFaults(stages: readonly Stage[], project: ProjectFacts): readonly string[] {
  const final = stages.at(-1);
  return faultsOf([
    ...baseRules(stages, project),
    ...userRules(final, imageFactsOf(stages).dataDir),
    ...environmentRules(final, project),
    ...programRules(final, project),
    ...contentRules(stages, project),
  ]);
}
