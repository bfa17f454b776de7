import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const test = resolve(import.meta.dirname, '..');

const SET_UP = `
import setUp from '${test}/clients/support/global-setup.mjs';
import tearDown from '${test}/clients/support/global-teardown.mjs';
await setUp();
const names = ['CLASSPATH', 'CLASSPATH_MISSING', 'BROKER'];
console.log(names.map((name) => process.env['MILLRACE_CLIENTS_' + name]).join());
await tearDown();
`;

const START_KAFKA = `
import { startApacheKafka } from '${test}/kafka/apache-kafka.mjs';
await startApacheKafka().catch(({ message }) => console.log(message));
`;

let directory: string;
let tmp: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-setup-'));
  tmp = join(directory, 'tmp');
  const jars = join(directory, 'millrace-tests/kafka-0');
  await Promise.all([mkdir(tmp), mkdir(jars, { recursive: true })]);
  await writeFile(join(jars, 'complete'), '');
});

afterEach(() => rm(directory, { recursive: true, force: true }));

/** What a program prints that finds these commands and no other, and the jars of some Kafka. */
async function print(program: string, commands: Readonly<Record<string, string>>): Promise<string> {
  for (const [name, script] of Object.entries(commands)) {
    await writeFile(join(directory, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  const env = {
    ...process.env,
    PATH: directory,
    TMPDIR: tmp,
    XDG_CACHE_HOME: directory,
    KAFKA_VERSION: '0',
    KAFKA_CONFORMANCE_BROKERS: '127.0.0.1:1',
    MILLRACE_CLIENTS_LIBRDKAFKA: '',
  };
  const args = ['--input-type=module', '--eval', program];
  return (await run(process.execPath, args, { env })).stdout.trim();
}

describe('what the foreign clients need', () => {
  it('leaves the Java clients out where there is no JDK, and says so', async () => {
    const reason = 'This cannot be made here: spawn javac ENOENT';
    expect(await print(SET_UP, {})).toBe(`,${reason},127.0.0.1:1`);
    expect(await readdir(tmp)).toEqual([]);
  });

  it('leaves nothing behind where Apache Kafka ends at its start', async () => {
    const java = 'case "$*" in *kafka.Kafka*) exit 3;; *) echo id;; esac';
    expect(await print(START_KAFKA, { java })).toBe('Apache Kafka ended with 3');
    expect(await readdir(tmp)).toEqual([]);
  });
});
