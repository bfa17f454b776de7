import { open, type FileHandle } from 'node:fs/promises';
import { isFullDisk } from '../storage/disk-space.js';
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

/** Small files are filled up with spaces to so many bytes: less than a sector. */
const SMALL_FILE_BYTES = 128;

/**
 * The same for JSON of at most 128 bytes, also on a full disk if the file is there already: it is
 * written in its place, which takes no room. One write of so few bytes is not seen half done; and
 * as the file never grows, no power cut keeps the bytes and loses the size.
 * @throws what the file system throws
 */
export async function replaceSmallFile(
  path: string,
  content: string,
  durable: boolean,
): Promise<void> {
  const filled = content.padEnd(SMALL_FILE_BYTES);
  try {
    await writeFileAtomically(path, filled, durable);
  } catch (error) {
    if (!isFullDisk(error)) throw error;
    const file = await open(path, 'r+').catch(() => Promise.reject(error));
    try {
      await writeInPlace(file, Buffer.from(filled));
      if (durable) await file.sync();
    } finally {
      await file.close();
    }
  }
}

async function writeInPlace(file: FileHandle, bytes: Buffer): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    done += (await file.write(bytes, done, bytes.length - done, done)).bytesWritten;
  }
}
