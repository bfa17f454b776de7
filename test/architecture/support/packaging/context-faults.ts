import { copyOf, type Instruction, type Stage } from './dockerfile.js';
import { isIgnored } from './docker-ignore.js';
import { isCompiled, type ProjectFacts } from './project-facts.js';
import { faultsOf, type Rule } from './rule.js';

/** Secrets, and what would only make the context large. */
const KEPT_OUT = [
  '.env',
  '.git/config',
  '.millrace/admin.key',
  'dist/main.js',
  'node_modules/pg/package.json',
  'test/support/eventually.ts',
];

const isAt = (source: string, path: string): boolean =>
  path === source || path.startsWith(`${source}/`);

/** What the project copies into a stage before instruction `index`, as paths of the project. */
const copiedBefore = (stage: Stage, index: number): readonly string[] =>
  stage.instructions
    .slice(0, index)
    .filter(({ keyword }) => keyword === 'COPY')
    .map(copyOf)
    .filter(({ from }) => from === undefined)
    .flatMap(({ sources }) => sources);

function projectCopyRules(
  copy: Instruction,
  ignore: string,
  { files }: ProjectFacts,
): readonly Rule[] {
  return copyOf(copy).sources.flatMap((source): readonly Rule[] => {
    const inside = files.filter((path) => isAt(source, path));
    const needed = inside.filter((path) => path === source || isCompiled(path));
    const lost = needed.filter((path) => isIgnored(ignore, path));
    return [
      [inside.length > 0, `COPY ${source}: there is no such file or folder`],
      [lost.length === 0, `COPY ${source}: .dockerignore keeps out ${lost.slice(0, 3).join(', ')}`],
    ];
  });
}

function stageCopyRules(copy: Instruction, earlier: readonly Stage[]): readonly Rule[] {
  const { from, sources } = copyOf(copy);
  const stage = earlier.find(({ name }) => name === from);
  const ran = (stage?.instructions ?? []).filter(({ keyword }) => keyword === 'RUN');
  const makes = (pattern: RegExp): boolean => ran.some(({ text }) => pattern.test(text));
  return [
    [stage !== undefined, `COPY --from=${from}: there is no such stage before`],
    ...sources.flatMap((source): readonly Rule[] => [
      [!source.endsWith('/dist') || makes(/npm run build/), `${from} does not make ${source}`],
      [
        !source.endsWith('/node_modules') || makes(/npm ci .*--omit=dev/),
        `${from} installs development packages too`,
      ],
    ]),
  ];
}

function runRules(stage: Stage, index: number, project: ProjectFacts): readonly Rule[] {
  const { text } = stage.instructions[index] ?? { text: '' };
  const copied = copiedBefore(stage, index);
  const has = (path: string): boolean => copied.some((source) => isAt(source, path));
  const script = /npm run ([\w:-]+)/.exec(text)?.[1];
  const needed = [
    ...(text.includes('npm ci') ? ['package.json', 'package-lock.json'] : []),
    ...(script === 'build' ? [...project.buildConfiguration, 'src'] : []),
  ];
  return [
    [
      script === undefined || project.scripts.includes(script),
      `npm run ${script}: package.json has no such script`,
    ],
    ...needed.map((path): Rule => [has(path), `RUN ${text}: ${path} was not copied before it`]),
  ];
}

/** What is wrong with what reaches the build and its stages: COPY, .dockerignore, npm's steps. */
export function contextFaults(
  stages: readonly Stage[],
  ignore: string,
  project: ProjectFacts,
): readonly string[] {
  const rules = stages.flatMap((stage, at) =>
    stage.instructions.flatMap((instruction, index): readonly Rule[] => {
      if (instruction.keyword === 'RUN') return runRules(stage, index, project);
      if (instruction.keyword !== 'COPY') return [];
      return copyOf(instruction).from === undefined
        ? projectCopyRules(instruction, ignore, project)
        : stageCopyRules(instruction, stages.slice(0, at));
    }),
  );
  return faultsOf([
    ...rules,
    ...KEPT_OUT.map((path): Rule => [isIgnored(ignore, path), `.dockerignore lets ${path} in`]),
  ]);
}
