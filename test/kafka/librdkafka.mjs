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

/** Rejects unless Node can load the binding; in a process of its own, since loading is for good. */
const load = (binding) => run(process.execPath, ['-e', 'require(process.argv[1])', binding]);

/** The lines of a failed build that say why. */
function reasonOf(error) {
  const lines = `${error.stderr || error.message}`.split('\n');
  const said = lines.filter((line) =>
    /\berror:|\*\*\*|ERR!.*(stack|find)|npm error code/i.test(line),
  );
  return said.slice(0, 5).join('; ') || error.message;
}

async function build(cache) {
  await rm(cache, { recursive: true, force: true });
  await mkdir(cache, { recursive: true });
  // From npm 12 on it runs only the install scripts that are named.
  const project = { private: true, allowScripts: { [BINDING]: true } };
  await writeFile(join(cache, 'package.json'), `${JSON.stringify(project)}\n`);
  const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts=false'];
  // The rules of librdkafka's configuration do not bear a parallel make.
  const env = { ...process.env, ...(await headers()), JOBS: '1' };
  const options = { cwd: cache, env, maxBuffer: 2 ** 28 };
  await run('npm', [...args, `${BINDING}@${version}`], options);
}

async function find() {
  const caches = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const cache = join(caches, 'millrace-tests', `${BINDING}-${version}`);
  const binding = join(cache, 'node_modules', BINDING);
  const isBuilt = await load(binding).then(
    () => true,
    () => false,
  );
  if (isBuilt) return binding;
  try {
    await build(cache);
    // That npm is content does not tell that it compiled anything.
    await load(binding);
  } catch (error) {
    throw new Error(reasonOf(error), { cause: error });
  }
  return binding;
}

let found;

/**
 * Folder of the built binding, for `require`; built where what is there cannot be loaded, and in
 * one process at most once. Rejects with the errors that the build wrote.
 */
export function librdkafka() {
  found ??= find();
  return found;
}
