import { open } from 'node:fs/promises';
import { nodeFiles } from '../storage/files.js';

/** Replaces a file so that a crash leaves the old content or the new, never a part. */
export async function writeFileAtomically(
  path: string,
  content: string,
  durable: boolean,
): Promise<void> {
  const bytes = Buffer.from(content);
  if (durable) await nodeFiles.storeDurably(path, bytes);
  else nodeFiles.store(path, bytes);
}

/**
 * The same for a file of less than a sector that is there already, also on a full disk: there it is
 * written in its place, which takes no room. One write of so few bytes is not seen half done.
 */
export async function replaceSmallFile(
  path: string,
  content: string,
  durable: boolean,
): Promise<void> {
  try {
    await writeFileAtomically(path, content, durable);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    const file = await open(path, 'r+').catch(() => Promise.reject(error));
    try {
      // The file does not shrink in the same step: what stays behind must not be of the old content.
      const { size } = await file.stat();
      await file.write(content.padEnd(size), 0);
      if (durable) await file.sync();
    } finally {
      await file.close();
    }
  }
}

/** fsync of a directory: names made or removed in it outlive a power cut. */
export function syncDirectory(path: string): Promise<void> {
  return nodeFiles.syncPath(path);
}
