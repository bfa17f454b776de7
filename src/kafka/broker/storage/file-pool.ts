import { type Files } from './files.js';

/** A file held open for as long as it is used. */
export interface FileLease {
  readonly fd: number;
  release(): void;
}

/**
 * Keeps at most so many files open (least recently used ones are closed), so that thousands of
 * partitions fit into a process. A leased file is never closed, even when it was removed.
 */
export class FilePool {
  /** In order of last use. */
  private readonly opened = new Set<PooledFile>();

  constructor(
    private readonly files: Files,
    private readonly maxOpen: number,
  ) {}

  /** A file of the pool; opened at its first use. */
  file(path: string): PooledFile {
    return new PooledFile(path, this);
  }

  get openCount(): number {
    return this.opened.size;
  }

  /** The file's handle, opened when it is not; valid until the next use of the pool. */
  use(file: PooledFile, create: boolean): number {
    let fd = file.fd;
    if (fd === undefined) {
      this.makeRoom();
      fd = this.files.open(file.path, create);
      file.fd = fd;
    } else {
      this.opened.delete(file);
    }
    this.opened.add(file);
    return fd;
  }

  close(file: PooledFile): void {
    if (file.fd === undefined) return;
    this.files.close(file.fd);
    file.fd = undefined;
    this.opened.delete(file);
  }

  closeAll(): void {
    for (const file of this.opened) this.close(file);
  }

  private makeRoom(): void {
    for (const file of this.opened) {
      if (this.opened.size < this.maxOpen) return;
      if (file.leases === 0) this.close(file);
    }
  }
}

/** One file of a pool. */
export class PooledFile {
  /** The pool's: the handle while the file is open. */
  fd: number | undefined;
  /** The pool's: how many hold it open now. */
  leases = 0;
  private abandoned = false;

  constructor(
    readonly path: string,
    private readonly pool: FilePool,
  ) {}

  /** The handle for synchronous work right now. */
  use(create = false): number {
    return this.pool.use(this, create);
  }

  /** Holds the file open over asynchronous work. */
  lease(): FileLease {
    const fd = this.pool.use(this, false);
    this.leases++;
    let held = true;
    return {
      fd,
      release: () => {
        if (!held) return;
        held = false;
        this.leases--;
        if (this.abandoned && this.leases === 0) this.pool.close(this);
      },
    };
  }

  /** Closes the file, at once or when its last lease ends; it is not used again. */
  abandon(): void {
    this.abandoned = true;
    if (this.leases === 0) this.pool.close(this);
  }
}
