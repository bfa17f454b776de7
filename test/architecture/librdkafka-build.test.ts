import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const source = resolve(import.meta.dirname, '../kafka/librdkafka.mjs');

/** Asks twice, and prints what came of it. */
const ASK_TWICE = `
import { librdkafka } from ${JSON.stringify(source)};
const answers = await Promise.allSettled([librdkafka(), librdkafka()]);
console.log(answers.map(({ status, reason }) => reason?.message ?? status).join(' | '));
`;

/** Compiles only what it is allowed to, as npm does: from 12 on by name, and before by a flag. */
const STRICT = `case "$*" in *--ignore-scripts=false*) ;; *) exit 0;; esac
grep -q '"allowScripts":{"node-rdkafka":true}' package.json || exit 0
mkdir -p node_modules/node-rdkafka && echo 'exports.built = true' > node_modules/node-rdkafka/index.js`;

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-librdkafka-'));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

/** What a process is told that asks twice for the binding, where `npm` does this. */
async function askTwice(npm: string): Promise<string> {
  const asked = join(directory, 'asked');
  await writeFile(join(directory, 'npm'), `#!/bin/sh\necho asked >> '${asked}'\n${npm}\n`, {
    mode: 0o755,
  });
  const path = [directory, process.env['PATH']].join(delimiter);
  const env = { ...process.env, PATH: path, XDG_CACHE_HOME: directory };
  const args = ['--input-type=module', '--eval', ASK_TWICE];
  return (await run(process.execPath, args, { env })).stdout.trim();
}

const timesAsked = async (): Promise<number> =>
  (await readFile(join(directory, 'asked'), 'utf8')).trim().split('\n').length;

describe('the build of librdkafka', () => {
  it('is allowed to compile, whatever npm is, and kept', async () => {
    expect(await askTwice(STRICT)).toBe('fulfilled | fulfilled');
    expect(await askTwice(STRICT)).toBe('fulfilled | fulfilled');
    expect(await timesAsked()).toBe(1);
  });

  it('has failed where npm compiled nothing, and is tried again by the next process', async () => {
    expect(await askTwice('exit 0')).toMatch(/^Error: Cannot find module .* \| Error: Cannot find/);
    expect(await timesAsked()).toBe(1);
    expect(await askTwice(STRICT)).toBe('fulfilled | fulfilled');
  });

  it('says why it failed', async () => {
    const npm = 'echo "npm error gyp ERR! find Python" >&2; exit 1';
    expect(await askTwice(npm)).toContain('gyp ERR! find Python');
  });
});
