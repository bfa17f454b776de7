import { statfs } from 'node:fs/promises';

/** Bytes of the file system that a directory lies on. */
export interface DiskSpace {
  readonly totalBytes: number;
  /** What a program without special rights may still write. */
  readonly usableBytes: number;
}

/** Whether that is why it failed: the file system, or the user's part of it, is full. */
export function isFullDisk(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/** Asks the file system. @throws what it throws when the directory cannot be looked at */
export async function diskSpaceOf(directory: string): Promise<DiskSpace> {
  const { blocks, bavail, bsize } = await statfs(directory);
  return { totalBytes: blocks * bsize, usableBytes: bavail * bsize };
}
