/**
 * Compiles src/ to dist/ with swc, as .swcrc says, only what changed since last time. What the files
 * looked like then is kept in dist/.compiled.json. Types are not checked here but by `npm test`.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const source = join(root, 'src');
const output = join(root, 'dist');
const manifestPath = join(output, '.compiled.json');

/** Specs, and what lies in a `testing` folder, are for tests only. */
const isForTests = (path) => path.endsWith('.spec.ts') || /(^|[\\/])testing[\\/]/.test(path);
const isCompiled = (path) => path.endsWith('.ts') && !path.endsWith('.d.ts') && !isForTests(path);
const outputOf = (path) => path.replace(/\.ts$/, '.js');

/** Paths of the wanted files under a folder, from there. */
export async function filesIn(directory, wanted) {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(
    () => [],
  );
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath ?? entry.path, entry.name)))
    .filter(wanted);
}

/** Changes whenever all files must be compiled again: another compiler, options or kind of module. */
async function configuration() {
  const hash = createHash('sha256');
  const swc = createRequire(import.meta.url).resolve('@swc/core/package.json');
  for (const path of [join(root, '.swcrc'), import.meta.filename])
    hash.update(await readFile(path));
  hash.update(JSON.parse(await readFile(swc, 'utf8')).version);
  hash.update(String(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')).type));
  return hash.digest('hex');
}

async function readManifest() {
  try {
    return JSON.parse(await readFile(manifestPath, 'utf8'));
  } catch {
    return { configuration: '', files: {} };
  }
}

async function stampOf(path) {
  const { mtimeMs, size } = await stat(join(source, path));
  return { mtimeMs, size };
}

const hashOf = async (path) =>
  createHash('sha256')
    .update(await readFile(join(source, path)))
    .digest('hex');

/** The file's entry for the manifest; `changed` when its content is not what was compiled. */
async function inspect(path, known, outputs) {
  const stamp = await stampOf(path);
  const same = known?.mtimeMs === stamp.mtimeMs && known.size === stamp.size;
  const hash = same ? known.hash : await hashOf(path);
  return {
    path,
    entry: { ...stamp, hash },
    touched: !same,
    changed: known?.hash !== hash || !outputs.has(outputOf(path)),
  };
}

/** What there is to do: files to compile, outputs whose source is gone, and the new manifest. */
export async function planCompilation() {
  const [kept, current, paths, outputs] = await Promise.all([
    readManifest(),
    configuration(),
    filesIn(source, isCompiled),
    filesIn(output, (path) => path.endsWith('.js') || path.endsWith('.js.map')),
  ]);
  const known = kept.configuration === current ? kept.files : {};
  const there = new Set(outputs);
  const seen = await Promise.all(paths.map((path) => inspect(path, known[path], there)));
  const wanted = new Set(paths.map(outputOf));
  return {
    toCompile: seen.filter(({ changed }) => changed).map(({ path }) => path),
    toRemove: outputs.filter((path) => !wanted.has(path.replace(/\.map$/, ''))),
    manifestChanged: kept.configuration !== current || seen.some(({ touched }) => touched),
    manifest: {
      configuration: current,
      files: Object.fromEntries(seen.map(({ path, entry }) => [path, entry])),
    },
  };
}

/** A reader never sees half a file: two starts may compile at the same time. */
export async function replaceFile(path, content) {
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, content);
  await rename(draft, path);
}

async function compileFile(swc, path) {
  const from = join(source, path);
  const to = join(output, outputOf(path));
  await mkdir(dirname(to), { recursive: true });
  const { code, map } = await swc.transformFile(from, {
    cwd: root,
    sourceMaps: true,
    sourceFileName: relative(dirname(to), from),
  });
  const name = `${outputOf(path).split('/').at(-1)}.map`;
  await replaceFile(`${to}.map`, map);
  await replaceFile(to, `${code}\n//# sourceMappingURL=${name}\n`);
}

/** Brings dist/ up to date and tells how many files were compiled. */
export async function compile(plan) {
  const { toCompile, toRemove, manifest, manifestChanged } = plan;
  if (toCompile.length > 0) {
    const { default: swc } = await import('@swc/core');
    await Promise.all(toCompile.map((path) => compileFile(swc, path)));
  }
  await Promise.all(toRemove.map((path) => rm(join(output, path), { force: true })));
  if (toCompile.length > 0 || toRemove.length > 0 || manifestChanged) {
    await mkdir(output, { recursive: true });
    await replaceFile(manifestPath, JSON.stringify(manifest));
  }
  return toCompile.length;
}
