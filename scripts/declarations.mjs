/**
 * Writes to dist/ the declarations of what the package exports, `millrace/broker`, and of what these
 * need in turn; those of everything else say nothing to a user. Types are checked on the way.
 */
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';
import { filesIn, replaceFile } from './compile.mjs';

const root = resolve(import.meta.dirname, '..');
const output = join(root, 'dist');
const entry = join(output, 'kafka/broker/index.d.ts');

const host = {
  ...ts.sys,
  getCanonicalFileName: (path) => path,
  getNewLine: () => '\n',
  onUnRecoverableConfigFileDiagnostic: (diagnostic) => fail([diagnostic]),
};

function fail(diagnostics) {
  process.stderr.write(ts.formatDiagnostics(diagnostics, host));
  process.exit(1);
}

/** Declarations of all files that tsconfig.declarations.json reaches, by their path. */
function declare() {
  const config = join(root, 'tsconfig.declarations.json');
  const { fileNames, options, errors } = ts.getParsedCommandLineOfConfigFile(config, {}, host);
  const program = ts.createProgram(fileNames, options);
  const declarations = new Map();
  const { diagnostics } = program.emit(undefined, (path, text) =>
    declarations.set(resolve(path), text),
  );
  const found = [...errors, ...ts.getPreEmitDiagnostics(program), ...diagnostics];
  if (found.length > 0) fail(found);
  return declarations;
}

/** Paths of a declaration and of those that it names, directly or not. */
function neededBy(path, declarations, needed = new Set()) {
  if (needed.has(path)) return needed;
  const text = declarations.get(path);
  if (text === undefined) throw new Error(`There is no declaration ${path}`);
  needed.add(path);
  for (const { fileName } of ts.preProcessFile(text).importedFiles) {
    if (!fileName.startsWith('.')) continue;
    const named = join(dirname(path), fileName.replace(/\.js$/, '.d.ts'));
    neededBy(named, declarations, needed);
  }
  return needed;
}

const declarations = declare();
const needed = neededBy(entry, declarations);
for (const path of needed) {
  await mkdir(dirname(path), { recursive: true });
  await replaceFile(path, declarations.get(path));
}
const there = await filesIn(output, (path) => path.endsWith('.d.ts'));
const left = there.map((path) => join(output, path)).filter((path) => !needed.has(path));
await Promise.all(left.map((path) => rm(path, { force: true })));
