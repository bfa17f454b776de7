import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Replaces a file so that a crash leaves the old content or the new, never a part. */
export async function writeFileAtomically(
  path: string,
  content: string,
  durable: boolean,
): Promise<void> {
  const temporary = `${path}.tmp`;
  const file = await open(temporary, 'w');
  try {
    await file.writeFile(content);
    if (durable) await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  if (durable) await syncDirectory(dirname(path));
}

/** fsync of a directory: names made or removed in it outlive a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
