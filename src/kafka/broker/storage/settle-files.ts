import { join } from 'node:path';
import { type Files } from './files.js';
import { parseFileName, segmentPath, swapPath } from './segment-files.js';

/** Completes swaps, removes leftovers and indexes without a segment. */
export function settleFiles(directory: string, files: Files): void {
  const names = files.list(directory).map((name) => ({ name, file: parseFileName(name) }));
  for (const { file } of names) {
    if (file.kind !== 'swap') continue;
    for (const { file: old } of names) {
      if (!('baseOffset' in old) || old.kind === 'swap') continue;
      if (old.baseOffset < file.baseOffset || old.baseOffset >= file.endOffset) continue;
      files.remove(segmentPath(directory, old.baseOffset, old.kind));
    }
    const from = swapPath(directory, file.baseOffset, file.endOffset);
    files.rename(from, segmentPath(directory, file.baseOffset, 'log'));
  }
  const logs = new Set<number>();
  for (const name of files.list(directory)) {
    const file = parseFileName(name);
    if (file.kind === 'log') logs.add(file.baseOffset);
  }
  for (const { name, file } of names) {
    const orphan =
      (file.kind === 'index' || file.kind === 'timeindex') && !logs.has(file.baseOffset);
    if (orphan || file.kind === 'leftover') files.remove(join(directory, name));
  }
}
