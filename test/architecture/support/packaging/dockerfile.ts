const KEYWORDS: ReadonlySet<string> = new Set(
  'ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL RUN SHELL STOPSIGNAL USER VOLUME WORKDIR'.split(
    ' ',
  ),
);

/** One instruction, its lines joined, comments left out. */
export interface Instruction {
  /** In capitals. */
  readonly keyword: string;
  /** `--from=build` as `{ from: 'build' }`; one without a value is ''. */
  readonly flags: Readonly<Record<string, string>>;
  /** What follows the flags. */
  readonly text: string;
}

/** From one FROM to the next. */
export interface Stage {
  readonly name: string | undefined;
  /** An image, or the name of an earlier stage. */
  readonly base: string;
  readonly instructions: readonly Instruction[];
}

function logicalLines(text: string): readonly string[] {
  const lines = text.split('\n').filter((line) => !/^\s*(#|$)/.test(line));
  return lines
    .join('\n')
    .replace(/\s*\\\n\s*/g, ' ')
    .split('\n');
}

function instructionOf(line: string): Instruction {
  const [, keyword = '', rest = ''] = /^\s*([A-Za-z]+)\s+(.*)$/.exec(line) ?? [];
  if (!KEYWORDS.has(keyword.toUpperCase())) throw new Error(`not a Dockerfile's line: ${line}`);
  const flags: Record<string, string> = {};
  let text = rest.trim();
  for (;;) {
    const match = /^--([a-z-]+)(?:=(\S*))?\s+/.exec(text);
    if (match === null) return { keyword: keyword.toUpperCase(), flags, text };
    flags[match[1] ?? ''] = match[2] ?? '';
    text = text.slice(match[0].length);
  }
}

/**
 * Reads a Dockerfile: what this project's needs of the format (no here-documents, no ARG before the
 * first FROM).
 * @throws Error on a line that is no instruction, or one before the first FROM
 */
export function parseDockerfile(text: string): readonly Stage[] {
  const stages: { name: string | undefined; base: string; instructions: Instruction[] }[] = [];
  for (const instruction of logicalLines(text).map(instructionOf)) {
    if (instruction.keyword === 'FROM') {
      const [base = '', , name] = instruction.text.split(/\s+/);
      stages.push({ name, base, instructions: [] });
      continue;
    }
    const stage = stages.at(-1);
    if (stage === undefined) throw new Error(`${instruction.keyword} stands before any FROM`);
    stage.instructions.push(instruction);
  }
  return stages;
}

/** The words of `["node", "x"]`; undefined for the form that a shell runs. */
export function execForm(text: string): readonly string[] | undefined {
  return text.startsWith('[') ? (JSON.parse(text) as string[]) : undefined;
}

/** The last instruction of a kind, the only one of its kind that counts; undefined without any. */
export const lastOf = (stage: Stage | undefined, keyword: string): Instruction | undefined =>
  stage?.instructions.findLast((each) => each.keyword === keyword);

/** All variables that a stage's ENV lines set (`ENV NAME=value NAME=value`). */
export function environmentOf(stage: Stage | undefined): Readonly<Record<string, string>> {
  const pairs = (stage?.instructions ?? [])
    .filter(({ keyword }) => keyword === 'ENV')
    .flatMap(({ text }) => [...text.matchAll(/([A-Za-z_]\w*)=("[^"]*"|\S*)/g)]);
  return Object.fromEntries(
    pairs.map(([, name, value]) => [name ?? '', (value ?? '').replace(/^"|"$/g, '')]),
  );
}

/** What a COPY takes, and from which stage (undefined: the project). */
export function copyOf({ flags, text }: Instruction): {
  readonly from: string | undefined;
  readonly sources: readonly string[];
  readonly target: string;
} {
  const words = execForm(text) ?? text.split(/\s+/);
  return { from: flags['from'], sources: words.slice(0, -1), target: words.at(-1) ?? '' };
}
