import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isFullDisk } from '../storage/disk-space.js';

const FILE = 'sasl-salt-secret';
const SECRET_BYTES = 32;

/**
 * What salts are made from, kept in the data directory: a name that nobody has would else be known
 * by the salt that a restart has changed.
 * @throws what the file system throws
 */
export async function keptSaltSecret(directory: string): Promise<Buffer> {
  const file = join(directory, FILE);
  const kept = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (kept?.length === SECRET_BYTES) return kept;
  const secret = randomBytes(SECRET_BYTES);
  try {
    await writeFile(`${file}.new`, secret, { mode: 0o600 });
    await rename(`${file}.new`, file);
  } catch (error) {
    // A full disk keeps no broker from its start: the next one makes another.
    if (!isFullDisk(error)) throw error;
  }
  return secret;
}
