import type { Files } from './files.js';

/**
 * Files that ask before each change, and before each sync, since that is answered for as a change.
 * @param guard what it throws refuses it
 */
export function guardedFiles(files: Files, guard: () => void): Files {
  return {
    open(path, create) {
      if (create) guard();
      return files.open(path, create);
    },
    close: (fd) => files.close(fd),
    write(fd, bytes, position) {
      guard();
      files.write(fd, bytes, position);
    },
    read: (fd, into, position) => files.read(fd, into, position),
    async sync(fd) {
      guard();
      await files.sync(fd);
    },
    truncate(fd, size) {
      guard();
      files.truncate(fd, size);
    },
    rename(from, to) {
      guard();
      files.rename(from, to);
    },
    remove(path) {
      guard();
      files.remove(path);
    },
    list: (directory) => files.list(directory),
    makeDirectory(path) {
      guard();
      files.makeDirectory(path);
    },
    removeDirectory(path) {
      guard();
      files.removeDirectory(path);
    },
    async syncPath(path) {
      guard();
      await files.syncPath(path);
    },
    stat: (path) => files.stat(path),
    load: (path) => files.load(path),
    store(path, bytes) {
      guard();
      files.store(path, bytes);
    },
    async storeDurably(path, bytes) {
      guard();
      await files.storeDurably(path, bytes);
    },
  };
}
