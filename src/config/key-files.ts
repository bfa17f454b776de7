import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { errorCode } from '../common/errors/error-code.js';
import {
  adminKeyPattern,
  newAdminKey,
  newEncryptionKey,
  parseEncryptionKey,
} from './key-format.js';
import { StartRefused } from './start-refused.js';

/** A secret kept in a file, and whether this call made it. */
interface KeptSecret {
  readonly value: string;
  readonly created: boolean;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes a draft, flushed and 0600, and links it into place: nobody ever reads half a secret. */
async function createOnce(path: string, value: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${value}\n`);
    await file.sync();
    await link(draft, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await file.close();
    await rm(draft, { force: true });
  }
}

/**
 * Reads the secret in `directory`/`name`, or makes it with `make` and keeps it with mode 0600.
 * Safe when several processes start at once: all get the one that was linked first.
 */
export async function keepSecret(
  directory: string,
  name: string,
  make: () => string,
): Promise<KeptSecret> {
  const path = join(directory, name);
  const found = await readIfThere(path);
  if (found !== undefined) return { value: found, created: false };
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const value = make();
  if (await createOnce(path, value)) return { value, created: true };
  return { value: (await readIfThere(path)) ?? value, created: false };
}

/** The two keys of an installation. */
export interface InstallationKeys {
  readonly adminKey: string;
  readonly encryptionKey: Buffer;
  /** True at the start that made the admin key: the only time it is shown. */
  readonly adminKeyCreated: boolean;
}

/**
 * The installation's keys: from the environment where given, else from the data directory, made at
 * the first start.
 * @throws StartRefused when a key file holds something else
 */
export async function loadInstallationKeys(
  dataDir: string,
  given: { readonly adminKey?: string; readonly encryptionKey?: Buffer },
): Promise<InstallationKeys> {
  const admin =
    given.adminKey === undefined
      ? await keepSecret(dataDir, 'admin.key', newAdminKey)
      : { value: given.adminKey, created: false };
  const encryptionKey = given.encryptionKey ?? (await keptEncryptionKey(dataDir));
  if (!adminKeyPattern.test(admin.value)) throw damaged(dataDir, 'admin.key');
  return { adminKey: admin.value, encryptionKey, adminKeyCreated: admin.created };
}

async function keptEncryptionKey(dataDir: string): Promise<Buffer> {
  const kept = await keepSecret(dataDir, 'encryption.key', newEncryptionKey);
  const key = parseEncryptionKey(kept.value);
  if (key === undefined) throw damaged(dataDir, 'encryption.key');
  return key;
}

const damaged = (dataDir: string, name: string): StartRefused =>
  new StartRefused(
    `${join(dataDir, name)} does not hold a valid key. Restore it from a backup; without the same encryption key, stored secrets and key records cannot be read.`,
  );
