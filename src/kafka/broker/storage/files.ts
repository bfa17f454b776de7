import * as fs from 'node:fs';
import { dirname } from 'node:path';

/**
 * The file system as the logs use it; tests put a failing one in its place. What an append does is
 * synchronous (a write into the page cache takes microseconds); reads and syncs are not.
 */
export interface Files {
  /** Opens for reading and writing; makes the file when missing and `create` is set. */
  open(path: string, create: boolean): number;
  close(fd: number): void;
  /** Writes all bytes at the position, or throws. */
  write(fd: number, bytes: Buffer, position: number): void;
  /** Reads until the buffer is full or the file ends; gives the count. */
  read(fd: number, into: Buffer, position: number): Promise<number>;
  /** fdatasync. */
  sync(fd: number): Promise<void>;
  truncate(fd: number, size: number): void;
  rename(from: string, to: string): void;
  /** Removes a file; a missing one is fine. */
  remove(path: string): void;
  list(directory: string): readonly string[];
  makeDirectory(path: string): void;
  removeDirectory(path: string): void;
  /** fsync of a file or directory by its path; of a directory after files were made in it. */
  syncPath(path: string): Promise<void>;
  /** Undefined when missing. */
  stat(path: string): { readonly size: number; readonly modifiedAt: number } | undefined;
  /** A whole small file; undefined when missing. */
  load(path: string): Buffer | undefined;
  /** Replaces a small file in one step. */
  store(path: string, bytes: Buffer): void;
  /** The same, and it is on the disk before it takes its place, and in it on return. */
  storeDurably(path: string, bytes: Buffer): Promise<void>;
}

/** The real file system. */
export const nodeFiles: Files = {
  open: (path, create) =>
    fs.openSync(path, create ? fs.constants.O_RDWR | fs.constants.O_CREAT : 'r+', 0o600),
  close: (fd) => fs.closeSync(fd),
  write(fd, bytes, position) {
    let done = 0;
    while (done < bytes.length) {
      done += fs.writeSync(fd, bytes, done, bytes.length - done, position + done);
    }
  },
  async read(fd, into, position) {
    let done = 0;
    while (done < into.length) {
      const count = await readSome(fd, into, done, position + done);
      if (count === 0) break;
      done += count;
    }
    return done;
  },
  sync: (fd) =>
    new Promise((resolve, reject) => {
      fs.fdatasync(fd, (error) => (error === null ? resolve() : reject(error)));
    }),
  truncate: (fd, size) => fs.ftruncateSync(fd, size),
  rename: (from, to) => fs.renameSync(from, to),
  remove: (path) => fs.rmSync(path, { force: true }),
  list: (directory) => fs.readdirSync(directory),
  makeDirectory: (path) => {
    fs.mkdirSync(path, { recursive: true });
  },
  removeDirectory: (path) => fs.rmSync(path, { recursive: true, force: true }),
  syncPath,
  stat(path) {
    const found = fs.statSync(path, { throwIfNoEntry: false });
    return found && { size: found.size, modifiedAt: found.mtimeMs };
  },
  load: (path) => (fs.existsSync(path) ? fs.readFileSync(path) : undefined),
  store(path, bytes) {
    fs.writeFileSync(`${path}.tmp`, bytes, { mode: 0o600 });
    fs.renameSync(`${path}.tmp`, path);
  },
  async storeDurably(path, bytes) {
    await fs.promises.writeFile(`${path}.tmp`, bytes, { mode: 0o600, flush: true });
    await fs.promises.rename(`${path}.tmp`, path);
    await syncPath(dirname(path));
  },
};

async function syncPath(path: string): Promise<void> {
  const handle = await fs.promises.open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function readSome(fd: number, into: Buffer, at: number, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.read(fd, into, at, into.length - at, position, (error, count) =>
      error === null ? resolve(count) : reject(error),
    );
  });
}
