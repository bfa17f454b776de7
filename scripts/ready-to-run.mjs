/** What every script that runs dist/ does first: check Node's version, compile what changed. */
import { spawnSync } from 'node:child_process';
import nodeModule from 'node:module';
import { join } from 'node:path';

const OLDEST = [20, 19];

function checkNodeVersion() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
  process.stderr.write(
    `Millrace needs Node ${OLDEST.join('.')} or newer; this is ${process.version}.\n`,
  );
  process.exit(1);
}

/**
 * Compiles in a process of its own, so that the compiler's memory is not kept, and only when
 * something changed.
 */
async function bringUpToDate() {
  const { planCompilation } = await import('./compile.mjs');
  const { toCompile, toRemove } = await planCompilation();
  if (toCompile.length === 0 && toRemove.length === 0) return;
  const build = join(import.meta.dirname, 'build.mjs');
  const { status } = spawnSync(process.execPath, [build], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

/** Prepares this process to import a program of dist/. */
export async function getReadyToRun() {
  checkNodeVersion();
  await bringUpToDate();
  process.setSourceMapsEnabled(true);
  // Newer Nodes keep compiled code on disk, which shortens the next start.
  nodeModule.enableCompileCache?.(join(import.meta.dirname, '../node_modules/.cache/millrace'));
}

/** Path of a program of dist/, by its path without ending: `kafka/broker/main`. */
export const programPath = (name) => join(import.meta.dirname, '../dist', `${name}.js`);
