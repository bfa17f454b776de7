/**
 * librdkafka, the client library that most languages other than Java build on, through its binding
 * for Node, for the tests that speak to a broker with it. Compiled from source (minutes) once into
 * the user's cache folder: no dependency of the project. Needs a C++ compiler, make and Python.
 */
import { execFile } from 'node:child_process';
import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const BINDING = 'node-rdkafka';
/** Of the binding; the version of librdkafka follows from it. */
const version = '3.6.1';

const isThere = (path) =>
  access(path).then(
    () => true,
    () => false,
  );

/** Names the headers beside the Node that runs, where it has them; else node-gyp downloads them. */
async function headers() {
  const prefix = dirname(dirname(process.execPath));
  return (await isThere(join(prefix, 'include/node'))) ? { npm_config_nodedir: prefix } : {};
}

/**
 * Folder of the built binding, for `require`; built once per version of it and of Node's modules.
 * Rejects with the errors that the build wrote.
 */
export async function librdkafka() {
  const cache = join(
    process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
    'millrace-tests',
    `${BINDING}-${version}`,
  );
  const binding = join(cache, 'node_modules', BINDING);
  const complete = join(cache, `complete-${process.versions.modules}`);
  if (await isThere(complete)) return binding;
  await rm(cache, { recursive: true, force: true });
  await mkdir(cache, { recursive: true });
  await writeFile(join(cache, 'package.json'), '{"private":true}\n');
  const args = ['install', '--no-audit', '--no-fund', `${BINDING}@${version}`];
  // The rules of librdkafka's configuration do not bear a parallel make.
  const env = { ...process.env, ...(await headers()), JOBS: '1' };
  try {
    await run('npm', args, { cwd: cache, env, maxBuffer: 2 ** 28 });
  } catch (error) {
    const lines = `${error.stderr || error.message}`.split('\n');
    const said = lines.filter((line) =>
      /\berror:|\*\*\*|ERR!.*(stack|find)|npm error code/i.test(line),
    );
    throw new Error(said.slice(0, 5).join('; ') || error.message, { cause: error });
  }
  await writeFile(complete, version);
  return binding;
}
