import { transformFileSync } from '@swc/core';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { temporaryDirectory } from './log-fixture.js';

/** Compiles the storage, and what it stands on, into a fresh directory, for processes that a test can kill. */
export function compileStorage(): string {
  const source = join(import.meta.dirname, '../..');
  const target = temporaryDirectory();
  writeFileSync(join(target, 'package.json'), '{"type":"module"}');
  for (const part of ['concurrency', 'records', 'storage']) {
    for (const entry of readdirSync(join(source, part), { recursive: true, encoding: 'utf8' })) {
      const isCode = entry.endsWith('.ts') && !entry.endsWith('.spec.ts');
      if (!isCode) continue;
      const file = join(source, part, entry);
      const to = join(target, relative(source, file)).replace(/\.ts$/, '.js');
      mkdirSync(dirname(to), { recursive: true });
      writeFileSync(to, transformFileSync(file, { module: { type: 'es6' } }).code);
    }
  }
  return target;
}
