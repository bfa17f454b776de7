import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlatformLog } from '../../../src/platform/supervised-process.js';

/** Runs `use` with a new directory (mode 0700) that is removed afterwards. */
export async function withScratchDirectory(
  use: (directory: string) => Promise<void>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-platform-'));
  try {
    await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A log that keeps its lines. */
export function keptLog(): PlatformLog & { readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (line: string): void => {
    lines.push(line);
  };
  return { lines, log: keep, warn: keep, error: keep };
}
