import { chown, cp, mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { PostgresBinaries } from './postgres-binaries.js';
import type { SystemUser } from './unprivileged-user.js';

/** A directory as a child process can name it, and the descriptor that the name may need. */
export interface ReachableDirectory {
  /** What to pass to the program. */
  readonly path: string;
  /** Becomes the child's descriptor 3. */
  readonly handle: FileHandle;
}

/**
 * Opens a directory for a program that runs as another user. That user often may not pass the
 * directories above it (a project in /root, a temporary directory with mode 0700), so on Linux the
 * program gets it as an open descriptor and reaches it past them.
 */
export async function openForChild(directory: string): Promise<ReachableDirectory> {
  const handle = await open(directory, 'r');
  const byDescriptor = process.platform === 'linux' && process.getuid?.() === 0;
  return { handle, path: byDescriptor ? '/proc/self/fd/3' : directory };
}

async function mayEnter(user: SystemUser, directory: string): Promise<boolean> {
  const { mode, uid, gid } = await stat(directory);
  const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
  return (mode & bit) !== 0;
}

async function canReach(user: SystemUser, path: string): Promise<boolean> {
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    if (!(await mayEnter(user, directory))) return false;
    if (directory === dirname(directory)) return true;
  }
}

/**
 * Programs that the user can run: those installed, or a copy among the temporary files when the user
 * may not pass the directories above the installed ones. (A descriptor does not help here: PostgreSQL
 * looks for its libraries and files beside its own resolved path.)
 */
export async function runnableBinaries(
  installed: PostgresBinaries,
  user: SystemUser | undefined,
): Promise<PostgresBinaries> {
  if (user === undefined || (await canReach(user, installed.postgres))) return installed;
  const native = resolve(dirname(installed.postgres), '..');
  const { mtimeMs, size } = await stat(installed.postgres);
  const key = createHash('sha256').update(`${native} ${mtimeMs} ${size}`).digest('hex');
  const copy = join(tmpdir(), `millrace-postgres-${key.slice(0, 16)}`);
  await copyOnce(native, copy);
  return { postgres: join(copy, 'bin/postgres'), initdb: join(copy, 'bin/initdb') };
}

/** Nobody but this user can have put the copy there: others' directories are refused. */
async function copyOnce(from: string, to: string): Promise<void> {
  const found = await stat(to).catch(() => undefined);
  if (found?.isDirectory() && found.uid === process.getuid?.()) return;
  const draft = `${to}.${process.pid}`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o755 });
  await cp(from, draft, { recursive: true, verbatimSymlinks: true });
  await rename(draft, to);
}

/** Makes an empty directory that belongs to the user. */
export async function makeOwned(path: string, user: SystemUser | undefined): Promise<void> {
  await mkdir(path, { mode: 0o700 });
  if (user !== undefined) await chown(path, user.uid, user.gid);
}
