import { createHash, randomUUID } from 'node:crypto';
import { link, realpath, rename, rm, stat } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { StartRefused } from '../config/start-refused.js';

/** The right to use a data directory; ends with the process, however that ends. */
export interface DataDirLock {
  release(): Promise<void>;
}

/** sun_path holds 104 bytes on macOS and 108 on Linux; room for the draft's random part. */
const LONGEST_SOCKET_PATH = 60;
const RIVALS_PAUSE_MS = 30;
const ATTEMPTS = 20;

/** Directory and name of the socket; a directory with too long a path has it among temporary files. */
async function socketPath(dataDir: string): Promise<string> {
  const path = join(await realpath(dataDir), 'lock');
  if (path.length <= LONGEST_SOCKET_PATH) return path;
  return join(tmpdir(), `millrace-${createHash('sha256').update(path).digest('hex').slice(0, 20)}`);
}

function listenOn(path: string): Promise<Server> {
  const server = createServer((socket) => socket.end());
  server.unref();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve(server));
  });
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

const linkTo = (from: string, to: string): Promise<boolean> =>
  link(from, to).then(
    () => true,
    () => false,
  );

/** Takes away the socket of a process that died; a live one that came in between is put back. */
async function removeStale(path: string): Promise<void> {
  const aside = `${path}.${randomUUID().slice(0, 8)}`;
  const moved = await rename(path, aside).then(
    () => true,
    () => false,
  );
  if (!moved) return;
  if (await isAnswered(aside)) await rename(aside, path);
  else await rm(aside, { force: true });
}

async function isStillMine(draft: string, path: string): Promise<boolean> {
  const [mine, current] = await Promise.all([stat(draft), stat(path).catch(() => undefined)]);
  return current?.ino === mine.ino;
}

async function claim(draft: string, path: string): Promise<boolean> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (await linkTo(draft, path)) {
      // A rival that saw the same stale socket may have moved this one aside: look once more.
      await pause(RIVALS_PAUSE_MS);
      if (await isStillMine(draft, path)) return true;
    } else if (await isAnswered(path)) return false;
    else await removeStale(path);
  }
  return false;
}

/**
 * Makes this process the only one on a data directory. The lock is a Unix socket that the process
 * listens on: the system closes it even after `kill -9`, and process ids play no part, so a reused
 * id or another container's cannot mislead.
 * @throws StartRefused when another process has it
 */
export async function lockDataDir(dataDir: string): Promise<DataDirLock> {
  const path = await socketPath(dataDir);
  const draft = `${path}.${randomUUID().slice(0, 8)}`;
  const server = await listenOn(draft);
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  if (!(await claim(draft, path))) {
    await close();
    await rm(draft, { force: true });
    throw new StartRefused(
      `Another Millrace is running on the data directory ${dataDir}. Stop it first, or give this one its own MILLRACE_DATA_DIR.`,
    );
  }
  await rm(draft, { force: true });
  return {
    release: async () => {
      await rm(path, { force: true });
      await close();
    },
  };
}
