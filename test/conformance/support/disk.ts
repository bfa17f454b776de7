import { nodeFiles, type Files } from '../../../src/kafka/broker/storage/files.js';

/**
 * The disk of the brokers in this process, which a test fills and empties: then nothing is taken that
 * needs a block. Empty files do not.
 */
export class Disk {
  private readonly real: Files = { ...nodeFiles };
  /** Whether there is no room left. */
  isFull = false;
  /** Whether a full one has no inodes left either: not even an empty file can be made. */
  lacksInodes = false;

  /** Takes the place of the file system before, and gives it back after the tests of the file. */
  constructor() {
    beforeAll(() => this.take());
    afterAll(() => {
      Object.assign(nodeFiles, this.real);
    });
    afterEach(() => {
      this.isFull = false;
      this.lacksInodes = false;
    });
  }

  private take(): void {
    const { real } = this;
    const replaced: Partial<Files> = {
      open: (path, create) => {
        if (this.lacksInodes && create && real.stat(path) === undefined) this.requireRoom();
        return real.open(path, create);
      },
      write: (fd, bytes, position) => {
        // As a full disk does, it takes some of the bytes first.
        if (this.isFull) real.write(fd, bytes.subarray(0, bytes.length / 2), position);
        this.requireRoom();
        real.write(fd, bytes, position);
      },
      makeDirectory: (path) => {
        if (real.stat(path) === undefined) this.requireRoom();
        real.makeDirectory(path);
      },
      store: (path, bytes) => {
        this.requireRoom();
        real.store(path, bytes);
      },
      storeDurably: async (path, bytes) => {
        this.requireRoom();
        await real.storeDurably(path, bytes);
      },
    };
    Object.assign(nodeFiles, replaced);
  }

  private requireRoom(): void {
    if (!this.isFull) return;
    const error = new Error('ENOSPC: no space left on device, write');
    throw Object.assign(error, { code: 'ENOSPC', errno: -28, syscall: 'write' });
  }
}
